package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// comments holds the documentation in the sources of some packages.
type comments struct {
	types  map[string]string // by package.Type
	fields map[string]string // by package.Type.Field
	consts []constant
}

// constant is a text constant with its comment.
type constant struct {
	pkg, typ, name, value, doc string
}

// readComments reads the comments of packages, by their folder.
func readComments(root string, folders ...string) (*comments, error) {
	c := &comments{types: map[string]string{}, fields: map[string]string{}}
	for _, folder := range folders {
		entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(folder)))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
				continue
			}
			file := filepath.Join(root, filepath.FromSlash(folder), e.Name())
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			c.read(path.Base(folder), parsed)
		}
	}
	return c, nil
}

func (c *comments) read(pkg string, f *ast.File) {
	for _, d := range f.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range decl.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				c.readType(pkg, decl, s)
			case *ast.ValueSpec:
				c.readConst(pkg, s)
			}
		}
	}
}

func (c *comments) readType(pkg string, decl *ast.GenDecl, s *ast.TypeSpec) {
	doc := s.Doc
	if doc == nil {
		doc = decl.Doc
	}
	c.types[pkg+"."+s.Name.Name] = sentence(doc)
	st, ok := s.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range st.Fields.List {
		text := sentence(f.Doc)
		if text == "" {
			text = sentence(f.Comment)
		}
		for _, n := range f.Names {
			c.fields[pkg+"."+s.Name.Name+"."+n.Name] = text
		}
	}
}

func (c *comments) readConst(pkg string, s *ast.ValueSpec) {
	if len(s.Names) != 1 || len(s.Values) != 1 {
		return
	}
	lit, ok := s.Values[0].(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return
	}
	value, err := strconv.Unquote(lit.Value)
	if err != nil {
		return
	}
	typ := ""
	if id, ok := s.Type.(*ast.Ident); ok {
		typ = id.Name
	}
	doc := sentence(s.Doc)
	if doc == "" {
		doc = sentence(s.Comment)
	}
	c.consts = append(c.consts, constant{pkg, typ, s.Names[0].Name, value, doc})
}

// sentence returns a comment as running text without links of Go's
// documentation.
func sentence(g *ast.CommentGroup) string {
	if g == nil {
		return ""
	}
	text := strings.Join(strings.Fields(g.Text()), " ")
	return strings.NewReplacer("[", "", "]", "").Replace(text)
}

// after cuts the name that a Go comment begins with and a verb of it, for
// tables that show the name beside: "CodeBusy says that another …".
func after(name, text string) string {
	rest, ok := strings.CutPrefix(text, name+" ")
	if !ok {
		return upperFirst(text)
	}
	for _, verb := range []string{"says that ", "is ", "means that ", "says "} {
		if cut, ok := strings.CutPrefix(rest, verb); ok {
			return upperFirst(cut)
		}
	}
	if verb, _, _ := strings.Cut(rest, " "); strings.HasSuffix(verb, "s") {
		return upperFirst(rest)
	}
	return upperFirst(text) // "A and B narrow down …"
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
