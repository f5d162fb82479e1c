package main

import (
	"fmt"
	"path"
	"reflect"
	"strings"

	"github.com/weir-bpm/weir/gateway"
	"github.com/weir-bpm/weir/streams"
)

// apiPage describes the operations of the gateway.
func apiPage(docs *comments) string {
	var b strings.Builder
	b.WriteString(`# HTTP and NATS interface

Every operation can be asked for in two ways, with the same JSON:

- over NATS, as a request on ` + "`weir.api.<operation>`" + `; an error has the header ` + "`Nats-Service-Error-Code`" + `;
- over HTTP, at the path given below. Fields in braces are part of the path, those of GET are query parameters, those of
  POST the JSON body (` + "`Content-Type: application/json`" + `). Where a field comes twice, the query wins over the body and the
  path over both; the header ` + "`Weir-Tenant`" + ` names the tenant. ` + "`/healthz`" + ` says that the process lives, ` + "`/readyz`" + ` that every partition has an owner.

Publishing commands straight to the log, without the gateway, is described in [commands.md](commands.md).

Every error is ` + "`{\"code\": …, \"message\": …}`" + `, for a refused deployment with ` + "`problems`" + `; the codes are explained in
[errors/](errors/README.md). The answer to a command has a ` + "`position`" + `; a query that is given it as
` + "`<partition>:<seq>`" + ` waits until the read models show at least that.

Lists are paged: ` + "`next`" + ` of an answer is the ` + "`cursor`" + ` of the next page.

`)
	ops := gateway.New(gateway.Config{}).Operations()
	rows := make([][]string, len(ops))
	for i, o := range ops {
		rows[i] = []string{fmt.Sprintf("[%s](#%s)", o.Name, o.Name), code(o.Method + " " + o.Path), o.About}
	}
	table(&b, []string{"Operation", "HTTP", "What it does"}, rows)
	names := streams.Names{}
	for _, o := range ops {
		fmt.Fprintf(&b, "## %s\n\n%s\n\n`%s %s` or a request on `%s`\n\n", o.Name, o.About, o.Method, o.Path, names.API(o.Name))
		t := reflect.TypeOf(o.Request).Elem()
		fields := fieldsOf(t, docs)
		if len(fields) == 0 {
			b.WriteString("No parameters.\n\n")
			continue
		}
		if doc := docs.types[path.Base(t.PkgPath())+"."+t.Name()]; doc != "" && strings.Count(doc, ".") > 1 {
			b.WriteString(doc + "\n\n")
		}
		table(&b, []string{"Field", "Type", "Required", "Meaning"}, fieldRows(fields))
	}
	return b.String()
}
