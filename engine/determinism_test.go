package engine

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mapRanges lists the functions that range over a map, each with the reason why
// its order reaches no event, no answer and no bytes.
var mapRanges = map[string]string{
	"sizeOf":                       "a sum",
	"eventSize":                    "a sum",
	"sortedKeys":                   "the keys are sorted before they are returned",
	"Instance.Visible":             "fills a map; scopes are walked in order",
	"Instance.setVariables":        "fills a map and adds up sizes",
	"State.encodeStarts":           "the list is sorted before it is encoded",
	"State.InstanceIDs":            "the list is sorted",
	"timerHeap.live":               "adds up counts",
	"decider.mapInputs":            "fills a map",
	"decider.propagateTo":          "fills maps by owner, which are then written in order of the owners",
	"decider.fitsAt":               "adds up sizes",
	"decider.mapped":               "fills a map",
	"decider.startTimersOf":        "fills a map whose keys are sorted",
	"decider.startMessageNames":    "the list is sorted",
	"homes.sorted":                 "the list is sorted",
	"decider.activateStartSignals": "the list is sorted",
	"decider.startConditionsOf":    "the list is sorted",
	"State.encodeSignals":          "the lists are sorted before they are encoded",
	"State.encodeTrees":            "the list is sorted before it is encoded",
	"copyOf":                       "fills a map",
	"merged":                       "fills a map",
}

// banned lists what would make a decision depend on more than the log.
var banned = map[string]string{
	"time.Now": "the time comes with the command", "time.Since": "the time comes with the command",
	"time.Until": "the time comes with the command", "time.After": "nothing waits",
	"time.Sleep": "nothing waits", "time.NewTimer": "nothing waits", "time.Tick": "nothing waits",
	"maps.All": "order", "maps.Values": "order",
}

// TestDeterminism reads the source of the package: no clock, randomness,
// goroutine, channel or select, and no range over a map but the listed ones. The
// linter of cschleiden/go-workflows does the like for workflow code.
func TestDeterminism(t *testing.T) {
	fset := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: exportImporter(t, fset)}
	if _, err := conf.Check("engine", fset, files, info); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, f := range files {
		for _, decl := range f.Decls {
			checkDecl(t, fset, info, decl, used)
		}
	}
	for name := range mapRanges {
		if !used[name] {
			t.Errorf("the list of map ranges names %s, which ranges over none", name)
		}
	}
}

func checkDecl(t *testing.T, fset *token.FileSet, info *types.Info, decl ast.Decl, used map[string]bool) {
	t.Helper()
	name := declName(decl)
	report := func(n ast.Node, format string, args ...any) {
		t.Errorf("%s: %s: %s", fset.Position(n.Pos()), name, fmt.Sprintf(format, args...))
	}
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			report(n, "a goroutine")
		case *ast.SelectStmt, *ast.SendStmt, *ast.ChanType:
			report(n, "a channel")
		case *ast.RangeStmt:
			switch info.Types[n.X].Type.Underlying().(type) {
			case *types.Map:
				used[name] = true
				if mapRanges[name] == "" {
					report(n, "a range over a map; sort the keys, or list it with the reason why order does not matter")
				}
			case *types.Chan:
				report(n, "a channel")
			}
		case *ast.SelectorExpr:
			if obj := info.Uses[n.Sel]; obj != nil && obj.Pkg() != nil {
				if why, bad := banned[obj.Pkg().Path()+"."+obj.Name()]; bad {
					report(n, "uses %s.%s: %s", obj.Pkg().Path(), obj.Name(), why)
				}
			}
		}
		return true
	})
}

// declName is Type.Method or the function's name.
func declName(decl ast.Decl) string {
	f, ok := decl.(*ast.FuncDecl)
	if !ok {
		return "declaration"
	}
	if f.Recv == nil {
		return f.Name.Name
	}
	typ := f.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if generic, ok := typ.(*ast.IndexListExpr); ok {
		typ = generic.X
	}
	if id, ok := typ.(*ast.Ident); ok {
		return id.Name + "." + f.Name.Name
	}
	return f.Name.Name
}

// exportImporter imports from the export data that the go command keeps.
func exportImporter(t *testing.T, fset *token.FileSet) types.Importer {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", ".")
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	files := map[string]string{}
	for _, l := range strings.Split(string(out), "\n") {
		if path, file, ok := strings.Cut(l, " "); ok && file != "" {
			files[path] = file
		}
	}
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(files[path]) })
}
