// Command check reads the deployment files as the programs they are for do: the manifests
// through kustomize into Kubernetes' own types, the compose file with compose's loader, alerts
// and board with Prometheus's parser, the Dockerfile with BuildKit's. It needs no cluster and no
// container engine.
//
//	go run -C deploy/check . ..
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	dockerfile "github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	promql "github.com/prometheus/prometheus/promql/parser"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: check DEPLOY-FOLDER")
		os.Exit(2)
	}
	dir, err := filepath.Abs(os.Args[1])
	if err == nil {
		err = check(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// check returns what is wrong with the files in dir, all of it.
func check(dir string) error {
	var errs []error
	for _, part := range []struct {
		name string
		f    func(dir string) (string, error)
	}{
		{"kubernetes", checkKubernetes}, {"compose", checkCompose}, {"alerts", checkAlerts}, {"board", checkBoard}, {"image", checkImage},
	} {
		what, err := part.f(dir)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", part.name, err))
			continue
		}
		fmt.Printf("%s: %s\n", part.name, what)
	}
	return errors.Join(errs...)
}

// checkKubernetes builds the kustomization and decodes each object strictly.
func checkKubernetes(dir string) (string, error) {
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return "", err
	}
	decoder := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	var errs []error
	for _, o := range objects.Resources() {
		text, err := o.AsYAML()
		if err != nil {
			return "", err
		}
		if _, _, err := decoder.Decode(text, nil, nil); err != nil {
			errs = append(errs, fmt.Errorf("%s %s: %w", o.GetKind(), o.GetName(), err))
		}
	}
	return fmt.Sprintf("%d objects", objects.Size()), errors.Join(errs...)
}

func checkCompose(dir string) (string, error) {
	options, err := cli.NewProjectOptions([]string{filepath.Join(dir, "compose.yaml")}, cli.WithProfiles([]string{"*"}))
	if err != nil {
		return "", err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d services", len(project.Services)), nil
}

func checkAlerts(dir string) (string, error) {
	rules, errs := rulefmt.ParseFile(filepath.Join(dir, "prometheus", "winnow.rules.yml"), false, model.UTF8Validation, promql.NewParser(promql.Options{}), slog.New(slog.DiscardHandler))
	if err := errors.Join(errs...); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d rules", len(rules.Groups[0].Rules)), nil
}

// checkBoard parses the board's expressions, with a value for Grafana's own variables.
func checkBoard(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "grafana", "winnow.json"))
	if err != nil {
		return "", err
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		return "", err
	}
	var errs []error
	for _, p := range board.Panels {
		for _, t := range p.Targets {
			expr := strings.ReplaceAll(t.Expr, "$__rate_interval", "1m")
			if _, err := promql.NewParser(promql.Options{}).ParseExpr(expr); err != nil {
				errs = append(errs, fmt.Errorf("%s: %s: %w", p.Title, expr, err))
			}
		}
	}
	return fmt.Sprintf("%d panels", len(board.Panels)), errors.Join(errs...)
}

func checkImage(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "Dockerfile"))
	if err != nil {
		return "", err
	}
	tree, err := dockerfile.Parse(bytes.NewReader(text))
	if err != nil {
		return "", err
	}
	stages, _, err := instructions.Parse(tree.AST, nil)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d stages", len(stages)), nil
}
