// Package deploy_test checks the deployment files without a container engine: that they
// parse, name programs, flags, ports and metrics that exist, and agree with each other.
package deploy_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"winnow/internal/cli"
)

// container is a service as compose or Kubernetes runs it.
type container struct {
	Image   string
	Command []string          // program and arguments
	Env     map[string]string // variables set in the file
	Mounts  []string          // where volumes are mounted
	Volumes []string          // which
	Ports   []int             // container ports that are declared
}

// flag returns the value of -name in the command, or "".
func (c container) flag(name string) string {
	if i := slices.Index(c.Command, "-"+name); i >= 0 && i+1 < len(c.Command) {
		return c.Command[i+1]
	}
	return ""
}

// documents parses every document of a YAML file into T.
func documents[T any](t *testing.T, file string) (out []T) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for dec := yaml.NewDecoder(f); ; {
		var doc T
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, doc)
	}
}

type composeFile struct {
	Services map[string]struct {
		Image       string
		Command     []string
		Entrypoint  []string
		Environment map[string]string
		Volumes     []string
		Ports       []string
		Profiles    []string
	}
	Volumes map[string]any
}

// compose returns the long-running services of the compose file by name.
func compose(t *testing.T) map[string]container {
	t.Helper()
	file := documents[composeFile](t, "compose.yaml")[0]
	out := map[string]container{}
	for name, s := range file.Services {
		c := container{Image: s.Image, Command: slices.Concat(s.Entrypoint, s.Command), Env: s.Environment}
		for _, v := range s.Volumes {
			from, to, _ := strings.Cut(v, ":")
			to, _, _ = strings.Cut(to, ":")
			if _, named := file.Volumes[from]; !named && !strings.HasPrefix(from, "./") {
				t.Errorf("compose: %s mounts the undeclared volume %q", name, from)
			}
			c.Mounts, c.Volumes = append(c.Mounts, to), append(c.Volumes, from)
		}
		if len(s.Profiles) == 0 {
			out[name] = c
		}
	}
	return out
}

type workload struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct {
		Selector struct{ MatchLabels map[string]string }
		Template struct {
			Metadata struct{ Labels map[string]string }
			Spec     struct {
				Containers []struct {
					Image         string
					Command, Args []string
					Env           []struct{ Name, Value string }
					Ports         []struct {
						Name          string
						ContainerPort int `yaml:"containerPort"`
					}
					VolumeMounts []struct {
						Name      string
						MountPath string `yaml:"mountPath"`
					} `yaml:"volumeMounts"`
					ReadinessProbe, LivenessProbe, StartupProbe struct {
						HTTPGet struct{ Path, Port string } `yaml:"httpGet"`
					}
				}
				Volumes []struct{ Name string }
			}
		}
		VolumeClaimTemplates []struct{ Metadata struct{ Name string } } `yaml:"volumeClaimTemplates"`
	}
}

// kubernetes returns the containers of the manifests by workload.
func kubernetes(t *testing.T) map[string]container {
	t.Helper()
	files, err := filepath.Glob("kubernetes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no manifests", err)
	}
	out := map[string]container{}
	for _, file := range files {
		for _, w := range documents[workload](t, file) {
			if w.Kind != "Deployment" && w.Kind != "StatefulSet" {
				continue
			}
			spec := w.Spec.Template.Spec
			if len(spec.Containers) != 1 {
				t.Fatalf("%s: %s has %d containers", file, w.Metadata.Name, len(spec.Containers))
			}
			for k, v := range w.Spec.Selector.MatchLabels {
				if w.Spec.Template.Metadata.Labels[k] != v {
					t.Errorf("%s: %s selects %s=%s, which its pods do not have", file, w.Metadata.Name, k, v)
				}
			}
			in := spec.Containers[0]
			c := container{Image: in.Image, Command: slices.Concat(in.Command, in.Args), Env: map[string]string{}}
			var volumes, ports []string
			for _, v := range spec.Volumes {
				volumes = append(volumes, v.Name)
			}
			for _, v := range w.Spec.VolumeClaimTemplates {
				volumes = append(volumes, v.Metadata.Name)
			}
			for _, m := range in.VolumeMounts {
				if !slices.Contains(volumes, m.Name) {
					t.Errorf("%s: %s mounts the undeclared volume %q", file, w.Metadata.Name, m.Name)
				}
				c.Mounts, c.Volumes = append(c.Mounts, m.MountPath), append(c.Volumes, m.Name)
			}
			for _, e := range in.Env {
				c.Env[e.Name] = e.Value
			}
			for _, p := range in.Ports {
				ports, c.Ports = append(ports, p.Name), append(c.Ports, p.ContainerPort)
			}
			for _, probe := range []string{in.ReadinessProbe.HTTPGet.Port, in.LivenessProbe.HTTPGet.Port, in.StartupProbe.HTTPGet.Port} {
				if probe != "" && !slices.Contains(ports, probe) {
					t.Errorf("%s: a probe of %s asks the undeclared port %q", file, w.Metadata.Name, probe)
				}
			}
			out[w.Metadata.Name] = c
		}
	}
	return out
}

// units returns what the systemd units start, by unit.
func units(t *testing.T) map[string]container {
	t.Helper()
	files, err := filepath.Glob("systemd/*.service")
	if err != nil || len(files) == 0 {
		t.Fatal("no units", err)
	}
	out := map[string]container{}
	for _, file := range files {
		for line := range strings.Lines(read(t, file)) {
			if cmd, ok := strings.CutPrefix(line, "ExecStart="); ok {
				out[filepath.Base(file)] = container{Command: strings.Fields(cmd)}
			}
		}
	}
	return out
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestYAMLParses(t *testing.T) {
	n := 0
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(file); err == nil && (ext == ".yaml" || ext == ".yml") {
			n += len(documents[map[string]any](t, file))
		}
		return err
	})
	if err != nil || n < 10 {
		t.Errorf("%d documents, %v", n, err)
	}
	kustomization := documents[struct {
		Resources          []string
		ConfigMapGenerator []struct{ Files []string } `yaml:"configMapGenerator"`
	}](t, "kustomization.yaml")[0]
	files := kustomization.Resources
	for _, g := range kustomization.ConfigMapGenerator {
		files = append(files, g.Files...)
	}
	for _, f := range files {
		read(t, f)
	}
	manifests, _ := filepath.Glob("kubernetes/*.yaml")
	for _, m := range manifests {
		if !slices.Contains(kustomization.Resources, filepath.ToSlash(m)) {
			t.Errorf("%s is not in kustomization.yaml", m)
		}
	}
}

// programs builds the commands and the broker once and returns their directory.
func programs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, args := range [][]string{
		{"build", "-ldflags=-s -w", "-o", dir + "/", "../cmd/..."},
		{"build", "-ldflags=-s -w", "-o", dir + "/", "github.com/nats-io/nats-server/v2"},
	} {
		if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	return dir
}

// Every command line in the files is one that the program it names accepts, and the
// programs' own file of settings is one that the broker accepts.
func TestCommandLines(t *testing.T) {
	dir := programs(t)
	lines := map[string][]string{}
	for from, set := range map[string]map[string]container{"compose": compose(t), "kubernetes": kubernetes(t), "systemd": units(t)} {
		for name, c := range set {
			lines[from+" "+name] = c.Command
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^(HEALTHCHECK.* )?CMD \[(.*)\]$`).FindAllStringSubmatch(read(t, "Dockerfile"), -1) {
		lines["Dockerfile "+m[2]] = strings.Split(strings.NewReplacer(`"`, "", " ", "").Replace(m[2]), ",")
	}
	if len(lines) < 14 {
		t.Fatalf("only %d command lines found", len(lines))
	}
	for name, cmd := range lines {
		if cmd[0] == "-c" || filepath.Base(cmd[0]) == "nats-server" {
			continue // the broker: TestBrokerSettings
		}
		program := filepath.Join(dir, filepath.Base(cmd[0]))
		// Flags are read before -h is seen, so that the wrong ones are refused.
		args := append(slices.Clone(cmd[1:]), "-h")
		if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %v\n%s", name, cmd, err, out)
		}
	}
	t.Run("wrong flags are refused", func(t *testing.T) {
		if err := exec.CommandContext(t.Context(), filepath.Join(dir, "sink"), "-directory", "x", "-h").Run(); err == nil {
			t.Error("sink takes -directory: the test above proves nothing")
		}
	})
	t.Run("broker", func(t *testing.T) { testBroker(t, dir) })
	t.Run("systemd", func(t *testing.T) { testUnits(t, dir) })
}

func testBroker(t *testing.T, dir string) {
	for name, cmd := range map[string][]string{
		"compose": compose(t)["nats"].Command, "kubernetes": kubernetes(t)["nats"].Command,
		"systemd": units(t)["winnow-broker.service"].Command[1:],
	} {
		args := slices.Clone(cmd)
		args[slices.Index(args, "-c")+1] = "nats.conf"
		args[slices.Index(args, "-sd")+1] = t.TempDir()
		if out, err := exec.CommandContext(t.Context(), filepath.Join(dir, "nats-server"), append(args, "-t")...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %v\n%s", name, cmd, err, out)
		}
	}
	conf := regexp.MustCompile(`(?m)#.*$`).ReplaceAllString(read(t, "nats.conf"), "")
	if !regexp.MustCompile(`sync_interval"?\s*[:=]?\s*"?always`).MatchString(conf) {
		t.Error("nats.conf does not sync always: a power cut would lose what was published")
	}
}

// testUnits has systemd read the units, and asks it how much they could harm.
func testUnits(t *testing.T, dir string) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze on this machine")
	}
	tmp, bin := t.TempDir(), strings.NewReplacer(" ", `\x20`, "%", "%%").Replace(dir)
	var files []string
	sources, _ := filepath.Glob("systemd/winnow*.*")
	for _, source := range sources {
		if strings.HasSuffix(source, ".sysusers") {
			continue
		}
		file := filepath.Join(tmp, filepath.Base(source))
		text := strings.ReplaceAll(read(t, source), "/opt/winnow/bin/", bin+"/")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if out, err := exec.CommandContext(t.Context(), analyze, append([]string{"verify", "--man=no"}, files...)...).CombinedOutput(); err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}
	for _, file := range files {
		if filepath.Ext(file) != ".service" {
			continue
		}
		if out, err := exec.CommandContext(t.Context(), analyze, "security", "--offline=true", "--threshold=20", file).CombinedOutput(); err != nil {
			t.Errorf("%s is exposed: %v\n%s", filepath.Base(file), err, out)
		}
	}
}

// Images have a version, and the broker's is the one the program was tested with.
func TestImagesArePinned(t *testing.T) {
	gomod := read(t, "../go.mod")
	server := regexp.MustCompile(`nats-io/nats-server/v2 v([\d.]+)`).FindStringSubmatch(gomod)[1]
	images := map[string]string{}
	for _, set := range []map[string]container{compose(t), kubernetes(t)} {
		for name, c := range set {
			images[name+" "+c.Image] = c.Image
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(read(t, "Dockerfile"), -1) {
		images["Dockerfile "+m[1]] = m[1]
	}
	for name, image := range images {
		base, tag, _ := strings.Cut(image, ":")
		switch {
		case image == "scratch" || image == "winnow:1":
		case tag == "" || tag == "latest" || !regexp.MustCompile(`^\d+\.\d+\.\d+`).MatchString(tag):
			t.Errorf("%s: %s is no version", name, image)
		case base == "nats" && !strings.HasPrefix(tag, server+"-"):
			t.Errorf("%s: the program was tested with nats-server %s", name, server)
		case base == "golang" && !strings.HasPrefix(tag, regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(gomod)[1]+"."):
			t.Errorf("%s: go.mod wants another Go", name)
		}
	}
}

// Compose and Kubernetes run the same thing.
func TestComposeAndKubernetesAgree(t *testing.T) {
	c, k := compose(t), kubernetes(t)
	for _, name := range []string{"nats", "ingester", "cleaner", "sink"} {
		a, b := c[name], k[name]
		if a.Image != b.Image {
			t.Errorf("%s: image %s and %s", name, a.Image, b.Image)
		}
		// Only a cluster's intake is open to others.
		cmd := slices.Clone(b.Command)
		if i := slices.Index(cmd, "-http-token-file"); i >= 0 {
			cmd = slices.Delete(cmd, i, i+2)
		}
		if diff := cmp.Diff(a.Command, cmd); diff != "" {
			t.Errorf("%s: command lines differ: %s", name, diff)
		}
		if name != "nats" {
			if diff := cmp.Diff(a.Env, b.Env); diff != "" {
				t.Errorf("%s: environments differ: %s", name, diff)
			}
		}
	}
	if diff := cmp.Diff(c["cleaner"].Command, c["cleaner-standby"].Command); diff != "" {
		t.Errorf("the two cleaners differ: %s", diff)
	}
	if slices.Equal(c["cleaner"].Volumes, c["cleaner-standby"].Volumes) {
		t.Error("the two cleaners share their state")
	}
}

// Every service is given the same limits of the streams, and together they are less than the broker's: a stream
// at its limit tells publishers to wait, a broker at its limit must be restarted.
func TestStreamsAreLimited(t *testing.T) {
	limit := map[string]int64{}
	note := func(where, name, value string) {
		n, err := cli.ParseBytes(value)
		if err != nil || n == 0 {
			t.Errorf("%s: %s=%q: %v", where, name, value, err)
		}
		if limit[name] == 0 {
			limit[name] = n
		}
		if limit[name] != n {
			t.Errorf("%s: %s=%s is not what the other services have", where, name, value)
		}
	}
	for from, set := range map[string]map[string]container{"compose": compose(t), "kubernetes": kubernetes(t)} {
		for name, c := range set {
			if name != "nats" {
				note(from+" "+name, "RAW", c.Env["WINNOW_RAW_BYTES"])
				note(from+" "+name, "NEWS", c.Env["WINNOW_NEWS_BYTES"])
			}
		}
	}
	files, _ := filepath.Glob("systemd/*.service")
	for _, file := range files {
		if strings.Contains(file, "broker") {
			continue
		}
		for _, name := range []string{"RAW", "NEWS"} {
			m := regexp.MustCompile(`(?m)^Environment=.*\bWINNOW_` + name + `_BYTES=(\S+)`).FindStringSubmatch(read(t, file))
			if m == nil {
				t.Errorf("%s: no limit of %s", file, name)
				continue
			}
			note(file, name, m[1])
		}
	}
	for _, m := range regexp.MustCompile(`WINNOW_(RAW|NEWS)_BYTES=(\w+)`).FindAllStringSubmatch(read(t, "../README.md"), -1) {
		note("README", m[1], m[2])
	}
	store, err := cli.ParseBytes(regexp.MustCompile(`max_file_store: (\w+)`).FindStringSubmatch(read(t, "nats.conf"))[1])
	if err != nil || limit["RAW"]+limit["NEWS"] > store*9/10 {
		t.Errorf("RAW and NEWS may take %d bytes, the broker %d, error %v: want some to spare", limit["RAW"]+limit["NEWS"], store, err)
	}
}

// A port that is asked, exposed or scraped is one that a service was told to open, and
// what is written lies on a volume.
func TestPortsAndVolumes(t *testing.T) {
	dockerfile := read(t, "Dockerfile")
	for from, set := range map[string]map[string]container{"compose": compose(t), "kubernetes": kubernetes(t)} {
		for name, c := range set {
			if name == "nats" {
				continue
			}
			if c.flag("ops") != ":9090" {
				t.Errorf("%s: %s has -ops %q, the image's health check asks 9090", from, name, c.flag("ops"))
			}
			if from == "kubernetes" && !slices.Contains(c.Ports, 9090) {
				t.Errorf("%s: %s does not declare port 9090", from, name)
			}
			if http := c.flag("http"); name == "ingester" && http != ":8080" {
				t.Errorf("%s: -http %q", from, http)
			}
			for _, flag := range []string{"state", "out"} {
				dir := c.flag(flag)
				on := func(mount string) bool { return strings.HasPrefix(dir, mount+"/") }
				if dir != "" && !slices.ContainsFunc(c.Mounts, on) {
					t.Errorf("%s: %s writes to %s, which is on none of the volumes %v", from, name, dir, c.Mounts)
				}
			}
		}
	}
	if !strings.Contains(dockerfile, "EXPOSE 8080 9090") || !strings.Contains(dockerfile, "USER 65532") {
		t.Error("Dockerfile: want ports 8080 and 9090 and an unprivileged user")
	}
	for _, target := range regexp.MustCompile(`"([\w-]+):(\d+)"`).FindAllStringSubmatch(read(t, "prometheus/prometheus.yml"), -1) {
		if _, ok := compose(t)[target[1]]; !ok || target[2] != "9090" {
			t.Errorf("prometheus.yml scrapes %s, which the compose file does not start", target[0])
		}
	}
}
