package bus

import (
	"fmt"
	"os"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
)

// identity is where to connect and as whom.
type identity struct {
	url       string
	opts      []nats.Option
	apiPrefix string // of the JetStream API when it is not the usual one
}

// contextFile is a context of the nats CLI (~/.config/nats/context/NAME.json). Source: natscli,
// jsm.go natscontext.
type contextFile struct {
	URL       string `json:"url"`
	Token     string `json:"token"`
	User      string `json:"user"`
	Password  string `json:"password"`
	Creds     string `json:"creds"`
	NKey      string `json:"nkey"`
	Cert      string `json:"cert"`
	Key       string `json:"key"`
	CA        string `json:"ca"`
	NSC       string `json:"nsc"`
	Socks     string `json:"socks_proxy"`
	JWT       string `json:"user_jwt"`
	Domain    string `json:"jetstream_domain"`
	APIPrefix string `json:"jetstream_api_prefix"`
	Inbox     string `json:"inbox_prefix"`
	TLSFirst  bool   `json:"tls_first"`
}

// identify turns the configuration and the context file into connection options.
func identify(cfg Config) (identity, error) {
	var c contextFile
	if cfg.Context != "" {
		data, err := os.ReadFile(cfg.Context)
		if err != nil {
			return identity{}, fmt.Errorf("context file: %w", err)
		}
		if err := json.Unmarshal(data, &c); err != nil {
			return identity{}, fmt.Errorf("context file %s: %w", cfg.Context, err)
		}
		if c.NSC != "" || c.Socks != "" || c.JWT != "" {
			return identity{}, fmt.Errorf("context file %s: nsc, socks_proxy and user_jwt are not supported; use creds", cfg.Context)
		}
	}
	if err := overlay(&c, cfg); err != nil {
		return identity{}, err
	}
	id := identity{url: c.URL, apiPrefix: strings.TrimSuffix(c.APIPrefix, ".")}
	if id.apiPrefix == "" && c.Domain != "" {
		id.apiPrefix = "$JS." + c.Domain + ".API"
	}
	return id, id.addOptions(c)
}

// overlay lets the fields of cfg win over the context file's.
func overlay(c *contextFile, cfg Config) error {
	for _, f := range []struct {
		to   *string
		from string
	}{{&c.URL, cfg.URL}, {&c.User, cfg.User}, {&c.Creds, cfg.Creds}, {&c.NKey, cfg.NKey}, {&c.Cert, cfg.TLSCert}, {&c.Key, cfg.TLSKey}, {&c.CA, cfg.TLSCA}} {
		if f.from != "" {
			*f.to = f.from
		}
	}
	for _, f := range []struct {
		to   *string
		from string
	}{{&c.Token, cfg.TokenFile}, {&c.Password, cfg.PasswordFile}} {
		if f.from == "" {
			continue
		}
		secret, err := os.ReadFile(f.from)
		if err != nil {
			return fmt.Errorf("secret: %w", err)
		}
		*f.to = strings.TrimSpace(string(secret))
	}
	return nil
}

func (id *identity) addOptions(c contextFile) error {
	if c.Creds != "" {
		if _, err := os.Stat(c.Creds); err != nil {
			return fmt.Errorf("credentials file: %w", err)
		}
		id.opts = append(id.opts, nats.UserCredentials(c.Creds))
	}
	if c.NKey != "" {
		opt, err := nats.NkeyOptionFromSeed(c.NKey)
		if err != nil {
			return fmt.Errorf("nkey file %s: %w", c.NKey, err)
		}
		id.opts = append(id.opts, opt)
	}
	if c.Token != "" {
		id.opts = append(id.opts, nats.Token(c.Token))
	}
	if c.User != "" {
		id.opts = append(id.opts, nats.UserInfo(c.User, c.Password))
	}
	if (c.Cert == "") != (c.Key == "") {
		return fmt.Errorf("client certificate %q and key %q: both or neither", c.Cert, c.Key)
	}
	if c.Cert != "" {
		id.opts = append(id.opts, nats.ClientCert(c.Cert, c.Key))
	}
	if c.CA != "" {
		id.opts = append(id.opts, nats.RootCAs(c.CA))
	}
	if c.TLSFirst {
		id.opts = append(id.opts, nats.TLSHandshakeFirst())
	}
	if c.Inbox != "" {
		id.opts = append(id.opts, nats.CustomInboxPrefix(c.Inbox))
	}
	return nil
}
