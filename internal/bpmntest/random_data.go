package bpmntest

// data adds a subprocess with a data object of its own and a task whose
// associations read and write it.
func (g *generator) data(s *Scope, depth int) (first, last *Node) {
	box := s.Sub(g.id("box"))
	in := box.Inside()
	name := g.id("object")
	in.DataObject(g.id("data"), name, "int", "1")
	f, l := g.block(in, depth)
	task := in.Task(g.id("task"))
	if g.chance(50) {
		task = in.Service(g.id("job"), "work")
	}
	task.AssignIn("="+name+" + choice", "local.sum").AssignOut("=local.sum", name).AssignOut("="+name, "choice")
	in.Start(g.id("start")).To(f)
	l.To(task).To(in.End(g.id("end")))
	return box, box
}
