package feel

// loop is a compiled iterator.
type loop struct {
	from, to compiled
	open     bool // no to
	slot     int
	pos      int
}

func (c *compiler) loops(a *ast) []loop {
	ls := make([]loop, len(a.iters))
	for i, it := range a.iters {
		ls[i] = loop{from: c.compile(it.from), open: it.to == nil, pos: it.from.pos}
		if it.to != nil {
			ls[i].to = c.compile(it.to)
		}
		ls[i].slot = c.bind(it.name)
	}
	return ls
}

// forLoop compiles "for": the last iterator turns fastest; partial is the list
// of the results so far (DMN 1.5, 10.3.2.14).
func (c *compiler) forLoop(a *ast) compiled {
	mark := len(c.binds)
	loops := c.loops(a)
	partial := c.bind("partial")
	before := c.partial
	c.partial = false
	body := c.compile(a.kids[0])
	shown := c.partial
	c.partial = before
	c.binds = c.binds[:mark]
	return dynamic(func(f *frame) Value {
		var results []Value
		failed := !f.each(loops, func() bool {
			if n := len(results); shown {
				f.setLocal(partial, List(results[:n:n]...))
			}
			results = append(results, body.run(f))
			f.checkList(len(results))
			return true
		})
		if failed {
			return Value{}
		}
		return f.list(results)
	})
}

// quantified compiles "some" and "every": the disjunction, or conjunction, of
// the conditions; a condition that is neither boolean nor null makes the whole
// null.
func (c *compiler) quantified(a *ast) compiled {
	mark := len(c.binds)
	loops := c.loops(a)
	cond := c.compile(a.kids[0])
	c.binds = c.binds[:mark]
	every, pos := a.op == opEvery, a.pos
	return dynamic(func(f *frame) Value {
		result, bad := Bool(every), false
		failed := !f.each(loops, func() bool {
			v := cond.run(f)
			switch {
			case v.kind != KindBool && v.kind != KindNull:
				bad = true
				f.warn(pos, WarnInvalidType, "expected a boolean as condition, but found %s", brief(v))
				return false
			case every:
				result = and3(result, v)
				return !result.IsFalse()
			}
			result = or3(result, v)
			return !result.IsTrue()
		})
		if failed || bad {
			return Value{}
		}
		return result
	})
}

// each runs body for every combination of the loops until it says stop. It
// gives false when a source is not something to go over.
func (f *frame) each(loops []loop, body func() bool) bool {
	ok := true
	f.nest(loops, body, &ok)
	return ok
}

// nest runs the first loop and, within, the others; it gives false to stop.
func (f *frame) nest(loops []loop, body func() bool, ok *bool) bool {
	if len(loops) == 0 {
		return body()
	}
	l := &loops[0]
	stop := false
	turn := func(v Value) bool {
		f.step(1)
		f.setLocal(l.slot, v)
		stop = !f.nest(loops[1:], body, ok)
		return !stop
	}
	from := l.from.run(f)
	if !l.open {
		*ok = f.count(Range{Low: from, High: l.to.run(f), LowClosed: true, HighClosed: true}, turn, l.pos) && *ok
		return *ok && !stop
	}
	switch from.kind {
	case KindList:
		for i := range from.Len() {
			if !turn(from.At(i)) {
				return false
			}
		}
		return true
	case KindRange:
		r, _ := from.Range()
		*ok = f.count(*r, turn, l.pos) && *ok
		return *ok && !stop
	default:
		f.warn(l.pos, WarnInvalidType, "expected a list or a range to go over, but found %s", brief(from))
		*ok = false
		return false
	}
}

// count goes over the integers, or the days, of a range, downwards when the end
// is the lesser. It gives false when the range cannot be counted.
func (f *frame) count(r Range, turn func(Value) bool, pos int) bool {
	var from, to int64
	var make1 func(int64) Value
	switch {
	case r.Low.kind == KindNumber && r.High.kind == KindNumber:
		var ok1, ok2 bool
		from, ok1 = r.Low.toInt()
		to, ok2 = r.High.toInt()
		if ok1 && ok2 {
			make1 = Int
		}
	case r.Low.kind == KindDate && r.High.kind == KindDate:
		from, to, make1 = r.Low.n, r.High.n, dateOfDays
	}
	if make1 == nil {
		f.warn(pos, WarnInvalidType, "expected two integers or two dates to count from and to, but found %s and %s", brief(r.Low), brief(r.High))
		return false
	}
	step := int64(1)
	if from > to {
		step = -1
	}
	for i := from; ; i += step {
		if (i != from || r.LowClosed) && (i != to || r.HighClosed) && !turn(make1(i)) {
			return true
		}
		if i == to {
			return true
		}
	}
}
