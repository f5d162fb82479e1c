// Package bpmntest builds BPMN 2.0 files for tests. What no dialect decides is
// plain BPMN; the rest is in the dialect of zeebe, and [Node.Attr] and
// [Node.Ext] add anything else.
//
//	m := bpmntest.New()
//	p := m.Process("order")
//	p.Start("start").To(p.Service("pack", "pack")).To(p.End("end"))
//	data := m.XML()
package bpmntest
