// The operations of rewritten Groovy scripts; see groovy.go. It runs in the
// hardened realm, so it uses only what scripts can use, and H.
(function (H) {
  'use strict';
  const own = Object.hasOwn, isArray = Array.isArray;
  function fail(text) { throw new Error(text); }
  function isClosure(v) { return typeof v === 'function'; }
  function isNumber(v) { return typeof v === 'number' || H.isExact(v); }
  function isHost(v) { return H.isHost(v); }
  function isMap(v) { return typeof v === 'object' && v !== null && !isArray(v) && !H.isExact(v) && !isHost(v) && !(v instanceof Date) && !(v instanceof Error); }
  function kindOf(v) {
    if (v === null || v === undefined) return 'null';
    if (isNumber(v)) return 'a number';
    if (typeof v === 'string') return 'a text';
    if (typeof v === 'boolean') return 'a boolean';
    if (isClosure(v)) return 'a closure';
    if (isArray(v)) return 'a list';
    if (v instanceof Date) return 'a date';
    if (v instanceof Error) return 'an exception';
    return isHost(v) ? 'an object of the engine' : 'a map';
  }
  function nil(v) { return v === undefined ? null : v; }
  function num(v, what) {
    if (!isNumber(v)) fail('cannot use ' + kindOf(v) + ' as a number' + (what ? ' for ' + what : ''));
    return v;
  }
  function int(v, what) {
    const n = +num(v, what);
    if (!Number.isInteger(n)) fail(what + ' needs a whole number');
    return n;
  }

  function t(v) {
    if (v === null || v === undefined || v === false || v === '') return false;
    if (v === true) return true;
    if (typeof v === 'string') return true;
    if (isNumber(v)) return +v !== 0;
    if (isArray(v)) return v.length > 0;
    if (isMap(v)) return Object.keys(v).length > 0;
    return true;
  }
  function str(v) {
    if (v === null || v === undefined) return 'null';
    if (typeof v === 'string') return v;
    if (isNumber(v)) return H.text(v);
    if (isArray(v)) {
      const out = [];
      for (const e of v) out.push(str(e));
      return '[' + out.join(', ') + ']';
    }
    if (isMap(v)) {
      const out = [];
      for (const k of Object.keys(v)) out.push(k + ':' + str(v[k]));
      return out.length ? '[' + out.join(', ') + ']' : '[:]';
    }
    if (isClosure(v)) fail('a closure has no text');
    return '' + v;
  }
  function small(a, b) { return typeof a === 'number' && typeof b === 'number' && Number.isInteger(a) && Number.isInteger(b); }
  function add(a, b) {
    if (small(a, b) && Number.isSafeInteger(a + b)) return a + b;
    if (typeof a === 'string') return a + str(b);
    if (typeof b === 'string') return str(a) + b;
    if (isArray(a)) return a.concat(isArray(b) ? b : [b]);
    if (isMap(a) && isMap(b)) return Object.assign({}, a, b);
    return H.decimal('+', num(a, '+'), num(b, '+'));
  }
  function sub(a, b) {
    if (small(a, b) && Number.isSafeInteger(a - b)) return a - b;
    if (typeof a === 'string') return a.replace(str(b), () => '');
    if (isArray(a)) return a.filter(x => isArray(b) ? !has(b, x) : !eq(x, b));
    return H.decimal('-', num(a, '-'), num(b, '-'));
  }
  function mul(a, b) {
    if (small(a, b) && Number.isSafeInteger(a * b)) return a * b;
    if (typeof a === 'string') return a.repeat(int(b, '*'));
    return H.decimal('*', num(a, '*'), num(b, '*'));
  }
  function div(a, b) { return H.decimal('/', num(a, '/'), num(b, '/')); }
  function rem(a, b) { return H.decimal('%', num(a, '%'), num(b, '%')); }
  function pow(a, b) { return H.decimal('^', num(a, '**'), num(b, '**')); }
  function neg(a) { return H.decimal('-', 0, num(a, '-')); }

  function eq(a, b) {
    a = nil(a); b = nil(b);
    if (a === b) return true;
    if (a === null || b === null) return false;
    if (isNumber(a) && isNumber(b)) return H.compare(a, b) === 0;
    if (isArray(a) && isArray(b)) {
      if (a.length !== b.length) return false;
      for (let i = 0; i < a.length; i++) if (!eq(a[i], b[i])) return false;
      return true;
    }
    if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
    if (isMap(a) && isMap(b)) {
      const k = Object.keys(a);
      if (k.length !== Object.keys(b).length) return false;
      for (const n of k) if (!own(b, n) || !eq(a[n], b[n])) return false;
      return true;
    }
    return false;
  }
  function compare(a, b) {
    a = nil(a); b = nil(b);
    if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
    if (isNumber(a) && isNumber(b)) return H.compare(a, b);
    if (typeof a === 'string' && typeof b === 'string' || typeof a === 'boolean' && typeof b === 'boolean') return a < b ? -1 : a > b ? 1 : 0;
    if (a instanceof Date && b instanceof Date) return Math.sign(a.getTime() - b.getTime());
    return fail('cannot compare ' + kindOf(a) + ' with ' + kindOf(b));
  }
  function has(c, v) {
    c = nil(c);
    if (c === null) return false;
    if (isArray(c)) { for (const e of c) if (eq(e, v)) return true; return false; }
    if (typeof c === 'string') return c.includes(str(v));
    if (isMap(c)) return own(c, str(v));
    return eq(c, v);
  }
  function range(a, b) {
    a = int(a, 'a range'); b = int(b, 'a range');
    H.array(Math.abs(b - a) + 1);
    const out = [];
    if (a <= b) for (let i = a; i <= b; i++) out.push(i);
    else for (let i = a; i >= b; i--) out.push(i);
    return out;
  }
  function rangeTo(a, b) { return a === b ? [] : range(a, a < b ? b - 1 : b + 1); }
  function map(pairs) {
    const o = {};
    for (const p of pairs) o[str(p[0])] = nil(p[1]);
    return o;
  }
  function each(v) {
    v = nil(v);
    if (v === null) return [];
    if (isArray(v)) return v;
    if (typeof v === 'string') return v.split('');
    if (isMap(v)) return entries(v);
    return fail('cannot loop over ' + kindOf(v));
  }
  function entries(m) { return Object.keys(m).map(k => ({ key: k, value: m[k] })); }

  function toNumber(v, what) {
    if (isNumber(v)) return v;
    if (typeof v === 'string') {
      const n = H.parseNumber(v.trim());
      if (n !== null) return n;
    }
    return fail('cannot make ' + (typeof v === 'string' ? 'the text "' + v + '"' : kindOf(v)) + ' a number' + (what ? ' by ' + what : ''));
  }
  function whole(v) { return H.decimal('t', v, 0); }
  function limited(v) {
    const n = whole(v);
    if (H.compare(n, 2147483647) > 0 || H.compare(n, -2147483648) < 0) fail(str(n) + ' is outside the range of an int; use long');
    return n;
  }
  function cast(v, kind) {
    v = nil(v);
    if (v === null) return null;
    switch (kind) {
      case 'int': return limited(num(v, 'a whole number'));
      case 'long': return whole(num(v, 'a whole number'));
      case 'decimal': return num(v, 'a decimal');
      case 'String': return str(v);
      case 'boolean': return t(v);
      case 'List': if (!isArray(v)) fail('cannot use ' + kindOf(v) + ' as a list'); return v;
      case 'Map': if (!isMap(v)) fail('cannot use ' + kindOf(v) + ' as a map'); return v;
    }
    return v;
  }
  function as(v, kind) {
    v = nil(v);
    if (v === null) return null;
    switch (kind) {
      case 'int': return limited(toNumber(v, 'as'));
      case 'long': return whole(toNumber(v, 'as'));
      case 'decimal': return toNumber(v, 'as');
      case 'List': return isArray(v) ? v : each(v);
    }
    return cast(v, kind);
  }

  // ---- members ----
  function get(o, name) {
    o = nil(o);
    if (o === null) fail('cannot get the member ' + name + ' of null; use ?.');
    if (isArray(o)) return o.map(e => getSafe(e, name));
    if (isMap(o)) return own(o, name) ? nil(o[name]) : null;
    if (isHost(o)) return nil(o[name]);
    if (o instanceof Error && (name === 'message' || name === 'errorCode')) return nil(o[name]);
    if (o instanceof Date && name === 'time') return o.getTime();
    return fail(kindOf(o) + ' has no member ' + name);
  }
  function getSafe(o, name) { return nil(o) === null ? null : get(o, name); }
  function spread(o, name) { return nil(o) === null ? null : each(o).map(e => getSafe(e, name)); }
  function put(o, name, f) {
    if (!isMap(o)) fail('cannot set the member ' + name + ' of ' + kindOf(o));
    const v = nil(f(own(o, name) ? o[name] : null));
    o[name] = v;
    return v;
  }
  function place(list, i) {
    i = int(i, 'an index');
    return i < 0 ? i + list.length : i;
  }
  function at(o, i) {
    o = nil(o);
    if (o === null) fail('cannot get an element of null; check it with ?: first');
    if (isArray(o) || typeof o === 'string') {
      if (isArray(i)) {
        const out = i.map(n => at(o, n));
        return isArray(o) ? out : out.join('');
      }
      const p = place(o, i);
      if (typeof o === 'string' && (p < 0 || p >= o.length)) fail('the index ' + str(i) + ' is outside the text');
      return p >= 0 && p < o.length ? nil(o[p]) : null;
    }
    return get(o, str(i));
  }
  function putAt(o, i, f) {
    if (isArray(o)) {
      const p = place(o, i);
      if (p < 0) fail('the index ' + str(i) + ' is outside the list');
      H.array(p + 1);
      while (o.length < p) o.push(null);
      const v = nil(f(p < o.length ? o[p] : null));
      o[p] = v;
      return v;
    }
    return put(o, str(i), f);
  }

  // ---- closures ----
  function closure(n, f) { H.arity(f, n); return f; }
  function apply1(f, v) {
    if (!isClosure(f)) fail('expected a closure, but got ' + kindOf(f));
    if (H.arityOf(f) > 1 && isArray(v)) return nil(f(...v));
    return nil(f(v));
  }
  function pair(f, e) { return H.arityOf(f) > 1 ? nil(f(e.key, e.value)) : nil(f(e)); }
  function invoke(f, ...args) {
    if (!isClosure(f)) fail(kindOf(f) + ' cannot be called');
    return nil(f(...args));
  }
  function run(c, f) { return isMap(c) ? e => pair(f, e) : v => apply1(f, v); }
  function order(f) {
    if (f === undefined) return compare;
    if (H.arityOf(f) > 1) return (a, b) => +f(a, b);
    return (a, b) => compare(apply1(f, a), apply1(f, b));
  }

  // ---- methods ----
  const text = {
    length: s => s.length, size: s => s.length, toString: s => s, trim: s => s.trim(), strip: s => s.trim(),
    toUpperCase: s => s.toUpperCase(), toLowerCase: s => s.toLowerCase(), isEmpty: s => s === '', isBlank: s => s.trim() === '',
    capitalize: s => s.slice(0, 1).toUpperCase() + s.slice(1), reverse: s => s.split('').reverse().join(''),
    contains: (s, x) => s.includes(str(x)), startsWith: (s, x) => s.startsWith(str(x)), endsWith: (s, x) => s.endsWith(str(x)),
    indexOf: (s, x) => s.indexOf(str(x)), lastIndexOf: (s, x) => s.lastIndexOf(str(x)), concat: (s, x) => s + str(x),
    charAt: (s, i) => at(s, i), equals: (s, x) => eq(s, x), compareTo: (s, x) => compare(s, x),
    equalsIgnoreCase: (s, x) => typeof x === 'string' && s.toLowerCase() === x.toLowerCase(),
    substring(s, a, b) {
      a = int(a, 'substring'); b = b === undefined ? s.length : int(b, 'substring');
      if (a < 0 || b > s.length || a > b) fail('substring(' + a + ', ' + b + ') is outside a text of length ' + s.length);
      return s.slice(a, b);
    },
    replace: (s, a, b) => s.replaceAll(str(a), () => str(b)),
    replaceAll: (s, a, b) => s.replace(new RegExp(str(a), 'g'), isClosure(b) ? m => str(b(m)) : str(b)),
    replaceFirst: (s, a, b) => s.replace(new RegExp(str(a)), str(b)),
    matches: (s, a) => new RegExp('^(?:' + str(a) + ')$').test(s),
    split(s, sep) {
      const out = sep === undefined ? s.trim().split(new RegExp('\\s+')) : s.split(new RegExp(str(sep)));
      while (out.length > 1 && out[out.length - 1] === '') out.pop();
      return out;
    },
    tokenize(s, sep) {
      const chars = sep === undefined ? ' \t\n\r\f' : str(sep), out = [];
      let word = '';
      for (const c of s) { if (chars.includes(c)) { if (word) out.push(word); word = ''; } else word += c; }
      if (word) out.push(word);
      return out;
    },
    toList: s => s.split(''), readLines: s => s.split(new RegExp('\\r?\\n')),
    toInteger: s => limited(toNumber(s, 'toInteger')), toLong: s => whole(toNumber(s, 'toLong')),
    toBigDecimal: s => toNumber(s), toDouble: s => toNumber(s), toBoolean: s => ['true', 'y', '1'].includes(s.trim().toLowerCase()),
    isNumber: s => H.parseNumber(s.trim()) !== null, isInteger: s => H.parseNumber(s.trim()) !== null && s.indexOf('.') < 0 && s.toLowerCase().indexOf('e') < 0,
    padLeft: (s, n, c) => s.padStart(int(n, 'padLeft'), c === undefined ? ' ' : str(c)),
    padRight: (s, n, c) => s.padEnd(int(n, 'padRight'), c === undefined ? ' ' : str(c)),
    take: (s, n) => s.slice(0, int(n, 'take')), drop: (s, n) => s.slice(int(n, 'drop')),
    each: (s, f) => { for (const c of s) apply1(f, c); return s; },
    any: (s, f) => list.any(s.split(''), f), every: (s, f) => list.every(s.split(''), f), count: (s, x) => s.split(str(x)).length - 1,
  };
  const list = {
    size: l => l.length, isEmpty: l => l.length === 0, toString: str, toList: l => l.slice(), equals: eq,
    add(l, a, b) { if (b === undefined) { l.push(nil(a)); return true; } l.splice(int(a, 'add'), 0, b); return null; },
    addAll(l, c) { for (const e of each(c)) l.push(e); return true; },
    push(l, v) { l.unshift(v); return true; },
    get(l, i) { i = int(i, 'get'); if (i < 0 || i >= l.length) fail('the index ' + i + ' is outside a list of ' + l.length); return nil(l[i]); },
    set(l, i, v) { const old = list.get(l, i); l[i] = nil(v); return old; },
    contains: (l, v) => has(l, v), containsAll: (l, c) => each(c).every(v => has(l, v)),
    indexOf: (l, v) => l.findIndex(e => eq(e, v)),
    remove(l, v) {
      if (typeof v === 'number') { const old = list.get(l, v); l.splice(v, 1); return old; }
      const i = list.indexOf(l, v); if (i >= 0) l.splice(i, 1); return i >= 0;
    },
    removeAll(l, c) { const keep = l.filter(e => !(isClosure(c) ? t(apply1(c, e)) : has(c, e))); const changed = keep.length < l.length; l.length = 0; for (const e of keep) l.push(e); return changed; },
    clear(l) { l.length = 0; return null; },
    each(l, f) { for (const e of l) apply1(f, e); return l; },
    eachWithIndex(l, f) { for (let i = 0; i < l.length; i++) nil(f(l[i], i)); return l; },
    collect: (l, f) => l.map(e => apply1(f, e)),
    collectMany: (l, f) => l.flatMap(e => apply1(f, e)),
    collectEntries: (l, f) => map(l.map(e => { const r = apply1(f, e); return isMap(r) ? Object.entries(r)[0] : r; })),
    find(l, f) { for (const e of l) if (t(apply1(f, e))) return nil(e); return null; },
    findAll: (l, f) => l.filter(e => t(f === undefined ? e : apply1(f, e))),
    findIndexOf: (l, f) => l.findIndex(e => t(apply1(f, e))),
    any: (l, f) => l.some(e => t(f === undefined ? e : apply1(f, e))), every: (l, f) => l.every(e => t(f === undefined ? e : apply1(f, e))),
    count: (l, f) => l.filter(e => isClosure(f) ? t(apply1(f, e)) : eq(e, f)).length,
    sum(l, f) {
      let total = null;
      for (const e of l) { const v = isClosure(f) ? apply1(f, e) : nil(e); total = total === null ? v : add(total, v); }
      return total;
    },
    inject(l, a, f) {
      let i = 0, acc = a;
      if (f === undefined) { f = a; if (!l.length) fail('inject of an empty list needs a start value'); acc = l[0]; i = 1; }
      for (; i < l.length; i++) acc = nil(f(acc, l[i]));
      return nil(acc);
    },
    join: (l, sep) => l.map(str).join(sep === undefined ? '' : str(sep)),
    first(l) { if (!l.length) fail('an empty list has no first element'); return nil(l[0]); },
    head: l => list.first(l),
    last(l) { if (!l.length) fail('an empty list has no last element'); return nil(l[l.length - 1]); },
    tail: l => l.slice(1), init: l => l.slice(0, -1),
    sort(l, a, b) {
      let change = true, f = a;
      if (typeof a === 'boolean') { change = a; f = b; }
      const sorted = l.slice().sort(order(f));
      if (change) for (let i = 0; i < sorted.length; i++) l[i] = sorted[i];
      return change ? l : sorted;
    },
    toSorted: (l, f) => l.slice().sort(order(f)),
    reverse: l => l.slice().reverse(),
    unique(l, f) {
      const keep = [], keys = [];
      for (const e of l) { const k = isClosure(f) ? apply1(f, e) : e; if (!has(keys, k)) { keys.push(k); keep.push(e); } }
      l.length = 0;
      for (const e of keep) l.push(e);
      return l;
    },
    min(l, f) { const o = order(f); let m = null; for (const e of l) if (m === null || o(e, m) < 0) m = e; return m; },
    max(l, f) { const o = order(f); let m = null; for (const e of l) if (m === null || o(e, m) > 0) m = e; return m; },
    flatten: l => l.flat(Infinity),
    groupBy(l, f) { const o = {}; for (const e of l) { const k = str(apply1(f, e)); if (!own(o, k)) o[k] = []; o[k].push(e); } return o; },
    take: (l, n) => l.slice(0, int(n, 'take')), drop: (l, n) => l.slice(int(n, 'drop')),
    subList: (l, a, b) => l.slice(int(a, 'subList'), int(b, 'subList')), plus: (l, x) => add(l, x), minus: (l, x) => sub(l, x),
    intersect: (l, c) => l.filter(e => has(c, e)),
  };
  function values(m) { return Object.keys(m).map(k => nil(m[k])); }
  const dict = {
    size: m => Object.keys(m).length, isEmpty: m => Object.keys(m).length === 0, toString: str, equals: eq,
    get(m, k, d) { k = str(k); return own(m, k) ? nil(m[k]) : nil(d); }, getOrDefault: (m, k, d) => dict.get(m, k, d),
    put(m, k, v) { k = str(k); const old = own(m, k) ? nil(m[k]) : null; m[k] = nil(v); return old; },
    putAll(m, o) { for (const k of Object.keys(cast(o, 'Map'))) m[k] = o[k]; return null; },
    containsKey: (m, k) => own(m, str(k)), containsValue: (m, v) => has(values(m), v),
    keySet: m => Object.keys(m), values: values, entrySet: m => entries(m),
    remove(m, k) { k = str(k); const old = own(m, k) ? nil(m[k]) : null; delete m[k]; return old; },
    clear(m) { for (const k of Object.keys(m)) delete m[k]; return null; },
    each(m, f) { for (const e of entries(m)) pair(f, e); return m; },
    collect: (m, f) => entries(m).map(e => pair(f, e)),
    collectEntries: (m, f) => map(entries(m).map(e => pair(f, e))),
    find(m, f) { for (const e of entries(m)) if (t(pair(f, e))) return e; return null; },
    findAll(m, f) { const o = {}; for (const e of entries(m)) if (t(pair(f, e))) o[e.key] = e.value; return o; },
    any: (m, f) => entries(m).some(e => t(pair(f, e))), every: (m, f) => entries(m).every(e => t(pair(f, e))),
    count: (m, f) => entries(m).filter(e => t(pair(f, e))).length,
    getKey: m => m.key, getValue: m => m.value, plus: (m, o) => add(m, cast(o, 'Map')),
  };
  const number = {
    toString: str, intValue: limited, longValue: whole, doubleValue: n => n, toInteger: limited, toLong: whole, toDouble: n => n,
    toBigDecimal: n => n, intdiv: (a, b) => H.decimal('i', a, num(b, 'intdiv')), abs: n => compare(n, 0) < 0 ? neg(n) : n,
    plus: add, minus: sub, multiply: mul, divide: div, compareTo: compare, equals: eq,
    round: (n, d) => H.decimal('r', n, d === undefined ? 0 : int(d, 'round')),
    times(n, f) { const to = int(n, 'times'); for (let i = 0; i < to; i++) nil(f(i)); return null; },
  };
  const date = { getTime: d => d.getTime(), toString: d => '' + d, before: (d, e) => compare(d, e) < 0, after: (d, e) => compare(d, e) > 0, equals: eq, compareTo: compare };
  const thrownMethods = { getMessage: e => nil(e.message), toString: e => '' + e, getErrorCode: e => nil(e.errorCode) };
  const closureMethods = { call: (f, ...a) => nil(f(...a)) };
  const booleans = { toString: str, equals: eq, booleanValue: b => b };
  function tableOf(o) {
    if (typeof o === 'string') return text;
    if (isNumber(o)) return number;
    if (typeof o === 'boolean') return booleans;
    if (isClosure(o)) return closureMethods;
    if (isArray(o)) return list;
    if (o instanceof Date) return date;
    if (o instanceof Error) return thrownMethods;
    return dict;
  }
  function call(o, name, args) {
    o = nil(o);
    if (o === null) fail('cannot call ' + name + '() on null; use ?.');
    if (isHost(o) || H.isClass(o)) {
      if (!(name in o) || typeof o[name] !== 'function') fail('there is no method ' + name + ' here');
      return nil(o[name](...args()));
    }
    if (isMap(o) && own(o, name) && isClosure(o[name])) return nil(o[name](...args()));
    const table = tableOf(o);
    if (!own(table, name)) fail(kindOf(o) + ' has no method ' + name);
    return nil(table[name](o, ...args()));
  }
  const classes = {
    Math: {
      abs: n => number.abs(num(n)), max: (a, b) => compare(a, b) >= 0 ? a : b, min: (a, b) => compare(a, b) <= 0 ? a : b,
      round: n => number.round(num(n), 0), floor: n => H.decimal('f', num(n), 0), ceil: n => H.decimal('c', num(n), 0),
      sqrt: n => Math.sqrt(num(n)), pow: (a, b) => pow(a, b), random: () => Math.random(),
    },
    Integer: { parseInt: s => limited(toNumber(s)), valueOf: s => limited(toNumber(s)), toString: str },
    Long: { parseLong: s => whole(toNumber(s)), valueOf: s => whole(toNumber(s)), toString: str },
    Double: { parseDouble: s => toNumber(s), valueOf: s => toNumber(s), toString: str },
    BigDecimal: { valueOf: s => toNumber(s) },
    Boolean: { parseBoolean: s => str(s).toLowerCase() === 'true', valueOf: s => str(s).toLowerCase() === 'true' },
    String: { valueOf: str, join: (sep, l) => each(l).map(str).join(str(sep)) },
    JsonOutput: { toJson: v => JSON.stringify(v) },
    JsonSlurper: { parseText: s => JSON.parse(str(s)) },
  };
  for (const k of Object.keys(classes)) H.markClass(classes[k]);
  const names = {};
  for (const table of [text, list, dict, number, date, thrownMethods, closureMethods, booleans]) for (const k of Object.keys(table)) names[k] = 1;
  for (const k of Object.keys(classes)) for (const m of Object.keys(classes[k])) names[m] = 1;
  const library = {
    t, str, add, sub, mul, div, rem, pow, neg, plus: a => num(a), eq, ne: (a, b) => !eq(a, b), compare,
    lt: (a, b) => compare(a, b) < 0, le: (a, b) => compare(a, b) <= 0, gt: (a, b) => compare(a, b) > 0, ge: (a, b) => compare(a, b) >= 0,
    contains: (v, c) => has(c, v), range, rangeTo, map, each, cast, as, get, getSafe, spread, put, at, putAt, closure, invoke, call,
    callSafe: (o, name, args) => nil(o) === null ? null : call(o, name, args),
    callAll: (o, name, args) => nil(o) === null ? null : each(o).map(e => nil(e) === null ? null : call(e, name, args)),
    elvis: (v, f) => t(v) ? v : nil(f()),
    append(o, v) { if (isArray(o)) { o.push(nil(v)); return o; } if (typeof o === 'string') return o + str(v); return fail('cannot append to ' + kindOf(o)); },
    gstring(parts) { return parts.map(str).join(''); },
    number: s => H.parseNumber(s),
    thrown(e) { if (!(e instanceof Error)) fail('only exceptions can be thrown'); return e; },
    caught(e) { return e; },
    classes,
  };
  return { library: library, names: Object.keys(names) };
})
