package main

import (
	"encoding/json"
	"path"
	"reflect"
	"strings"
	"time"
)

// field is one field of a JSON object.
type field struct {
	name, typ, doc string
	required       bool
}

// fieldsOf lists the fields of a struct as JSON has them, those of embedded
// structs included.
func fieldsOf(t reflect.Type, docs *comments) []field {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		if f.Anonymous && tag == "" {
			out = append(out, fieldsOf(f.Type, docs)...)
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if name == "" || name == "-" || !f.IsExported() {
			continue
		}
		out = append(out, field{
			name: name, typ: jsonType(f.Type), required: !strings.Contains(options, "omit"),
			doc: after(f.Name, docs.fields[path.Base(t.PkgPath())+"."+t.Name()+"."+f.Name]),
		})
	}
	return out
}

// jsonType names the JSON form of a Go type.
func jsonType(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "time (RFC 3339)"
	case t == reflect.TypeFor[json.RawMessage]():
		return "any"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return "base64"
	}
	switch t.Kind() { //nolint:exhaustive // the rest is one case
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "integer"
	case reflect.Slice:
		return "list of " + jsonType(t.Elem())
	case reflect.Map, reflect.Struct:
		return "object"
	default:
		return "any"
	}
}

// fieldRows makes the rows of a table of fields.
func fieldRows(fields []field) [][]string {
	rows := make([][]string, len(fields))
	for i, f := range fields {
		need := ""
		if f.required {
			need = "yes"
		}
		rows[i] = []string{code(f.name), f.typ, need, f.doc}
	}
	return rows
}
