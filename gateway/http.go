package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/weir-bpm/weir/commands"
)

// maxBody bounds the body of an HTTP request, in bytes.
const maxBody = 16 << 20

// Handler returns the HTTP interface: every operation under /v1, and /healthz
// and /readyz for those who watch over the process.
func (g *Gateway) Handler() http.Handler {
	r := chi.NewRouter()
	for i := range g.ops {
		o := &g.ops[i]
		r.Method(o.method, o.path, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { g.serve(w, req, o) }))
	}
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	r.Get("/readyz", g.ready)
	r.NotFound(func(w http.ResponseWriter, req *http.Request) {
		write(w, http.StatusNotFound, Failure{Code: "http.not_found", Message: "no operation at " + req.URL.Path + "; docs/api.md lists them"})
	})
	r.MethodNotAllowed(func(w http.ResponseWriter, req *http.Request) {
		write(w, http.StatusMethodNotAllowed, Failure{Code: "http.method", Message: req.Method + " is not possible at " + req.URL.Path + "; docs/api.md lists the operations"})
	})
	return r
}

// ready says whether each partition has an owner.
func (g *Gateway) ready(w http.ResponseWriter, req *http.Request) {
	s, err := g.Status(req.Context())
	if err != nil {
		code, f := failure(err)
		write(w, code, f)
		return
	}
	for _, p := range s.Partitions {
		if !p.Owned {
			write(w, http.StatusServiceUnavailable, Failure{Code: string(commands.CodeUnavailable), Message: "partition " + p.Partition + " has no owner"})
			return
		}
	}
	write(w, http.StatusOK, map[string]string{"status": "ready"})
}

func (g *Gateway) serve(w http.ResponseWriter, req *http.Request, o *operation) {
	request := o.newRequest()
	if err := bind(w, req, request); err != nil {
		code, f := failure(err)
		write(w, code, f)
		return
	}
	result, err := g.run(req.Context(), o, request)
	if err != nil {
		code, f := failure(err)
		if code == http.StatusInternalServerError {
			g.cfg.Logger.Error("request failed", "operation", o.name, "error", err)
		}
		write(w, code, f)
		return
	}
	write(w, http.StatusOK, result)
}

// bind reads a request from the body, then from the query, then from the path:
// the later wins, so nobody who guards a path is bypassed by what else is in the
// request. The tenant may also come in the header Weir-Tenant, which wins over
// both, for the same reason; requests that know no tenant do without it.
func bind(w http.ResponseWriter, req *http.Request, into any) error {
	if media, _, err := mime.ParseMediaType(req.Header.Get("Content-Type")); req.Header.Get("Content-Type") != "" && (err != nil || media != commands.ContentJSON) {
		return commands.Reject(commands.CodeCommandUnreadable, "the content type %q is not %s", req.Header.Get("Content-Type"), commands.ContentJSON)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return commands.Reject(commands.CodeVariablesTooLarge, "the request has more than %d bytes", maxBody)
	}
	if err != nil {
		return commands.Reject(commands.CodeCommandUnreadable, "the request cannot be read: %v", err)
	}
	if err := decodeRequest(body, into); err != nil {
		return err
	}
	for key, values := range req.URL.Query() {
		if err := assign(into, key, values[len(values)-1]); err != nil {
			return err
		}
	}
	params := chi.RouteContext(req.Context()).URLParams
	for i, key := range params.Keys {
		if err := assign(into, key, params.Values[i]); err != nil {
			return err
		}
	}
	if tenant := req.Header.Get("Weir-Tenant"); tenant != "" {
		if _, known := fieldByJSON(reflect.ValueOf(into).Elem(), "tenant"); known {
			return assign(into, "tenant", tenant)
		}
	}
	return nil
}

// assign sets the field with the JSON name from its text form.
func assign(into any, name, text string) error {
	field, ok := fieldByJSON(reflect.ValueOf(into).Elem(), name)
	if !ok {
		return commands.Reject(commands.CodeCommandInvalid, "the parameter %q is not known here; docs/api.md lists them", name)
	}
	data := []byte(text)
	if _, isText := field.Interface().(string); isText || field.Type() == reflect.TypeFor[time.Time]() {
		data = strconv.AppendQuote(nil, text)
	}
	if err := json.Unmarshal(data, field.Addr().Interface()); err != nil {
		return commands.Reject(commands.CodeCommandInvalid, "the parameter %s cannot be read from %q: %v", name, text, err)
	}
	return nil
}

// fieldByJSON finds a field by its JSON name, in embedded structs too.
func fieldByJSON(v reflect.Value, name string) (reflect.Value, bool) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case tag == name:
			return v.Field(i), true
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			if found, ok := fieldByJSON(v.Field(i), name); ok {
				return found, true
			}
		}
	}
	return reflect.Value{}, false
}

func write(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"code":"internal","message":"the answer cannot be encoded"}`)
	}
	w.Header().Set("Content-Type", commands.ContentJSON)
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n')) //nolint:errcheck // the caller is gone
}

// Server is a running HTTP interface.
type Server struct {
	http *http.Server
	addr net.Addr
	done chan error
}

// Listen serves HTTP on an address until Stop.
func (g *Gateway) Listen(addr string) (*Server, error) {
	ln, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for HTTP on %s: %w (choose another address with --http)", addr, err)
	}
	s := &Server{http: &http.Server{Handler: g.Handler(), ReadHeaderTimeout: 10 * time.Second}, addr: ln.Addr(), done: make(chan error, 1)}
	go func() { s.done <- s.http.Serve(ln) }()
	return s, nil
}

// Addr is the address that the server listens on.
func (s *Server) Addr() string { return s.addr.String() }

// Stop ends the server: no new requests are taken, those in hand may finish
// within the context.
func (s *Server) Stop(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if serr := <-s.done; !errors.Is(serr, http.ErrServerClosed) {
		err = errors.Join(err, serr)
	}
	return err
}
