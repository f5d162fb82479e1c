package main

import (
	"path"
	"reflect"
	"strconv"
	"strings"

	"github.com/weir-bpm/weir/events"
)

// eventTable lists every kind of event with its version.
func eventTable(docs *comments) string {
	var b strings.Builder
	var rows [][]string
	for _, k := range events.Kinds() {
		t := reflect.TypeOf(events.New(k)).Elem()
		doc := docs.types[path.Base(t.PkgPath())+"."+t.Name()]
		rows = append(rows, []string{code(string(k)), strconv.Itoa(events.Version(k)), after(t.Name(), doc)})
	}
	table(&b, []string{"Kind", "Version", "What happened"}, rows)
	return b.String()
}
