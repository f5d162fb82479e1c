// Runs once in each new realm, before any script, and is compiled by the same
// rewriter: its loops and calls are paid for by the script that runs them.
// H holds the host functions. Nothing of what is captured here is reachable
// from scripts.
(function (H) {
  'use strict';
  const NArray = Array, NDate = Date, NMap = Map, NSet = Set, NWeakMap = WeakMap, NWeakSet = WeakSet;
  const NString = String, NFunction = Function, NRegExp = RegExp;
  const ownKeys = Reflect.ownKeys, construct = Reflect.construct, apply = Reflect.apply;
  const define = Object.defineProperty, describe = Object.getOwnPropertyDescriptor;
  const protoOf = Object.getPrototypeOf, create = Object.create, freeze = Object.freeze;
  const isArray = NArray.isArray;
  const root = globalThis;

  function push(list, v) { list[list.length] = v; }
  function set(holder, name, value) {
    define(holder, name, { value: value, writable: true, enumerable: false, configurable: true });
  }
  function named(fn, name, length) {
    define(fn, 'name', { value: name, configurable: true });
    if (length !== undefined) define(fn, 'length', { value: length, configurable: true });
    return fn;
  }
  // methods copies the methods of a literal, which have no prototype property.
  function methods(holder, literal) {
    for (const k of ownKeys(literal)) set(holder, k, literal[k]);
  }
  function constructor(name, fn, proto) {
    named(fn, name);
    define(fn, 'prototype', { value: proto, writable: false, enumerable: false, configurable: false });
    set(proto, 'constructor', fn);
    set(root, name, fn);
    return fn;
  }

  // ---- Function ----
  const FunctionCtor = constructor('Function', function () {
    throw new TypeError('code is fixed when the model is deployed; new Function is not available');
  }, NFunction.prototype);
  methods(FunctionCtor.prototype, {
    bind(self, ...first) {
      const fn = this;
      if (typeof fn !== 'function') throw new TypeError('bind works on functions');
      const bound = function (...rest) {
        const args = H.concat(first, rest);
        return new.target ? construct(fn, args) : apply(fn, self, args);
      };
      return bound;
    },
  });

  // ---- Array ----
  constructor('Array', function (...items) {
    if (items.length === 1 && typeof items[0] === 'number') H.array(items[0]);
    return construct(NArray, items, new.target || root.Array);
  }, NArray.prototype);
  methods(root.Array, {
    isArray(v) { return isArray(v); },
    of(...items) { return items; },
    from(source, map, self) {
      if (source === null || source === undefined) throw new TypeError('Array.from needs a value');
      if (map !== undefined && typeof map !== 'function') throw new TypeError('the second argument of Array.from is a function');
      let items;
      if (source[Symbol.iterator] !== undefined && source[Symbol.iterator] !== null) {
        items = H.spread(source);
        if (items === source || map) items = H.concat(items, []);
      } else {
        const n = H.array(source.length);
        items = [];
        for (let i = 0; i < n; i++) push(items, source[i]);
      }
      if (map) for (let i = 0; i < items.length; i++) items[i] = apply(map, self, [items[i], i]);
      return items;
    },
  });
  function flatten(list, depth, out) {
    const n = H.length(list);
    for (let i = 0; i < n; i++) {
      if (!(i in list)) continue;
      const v = list[i];
      if (depth >= 1 && isArray(v)) flatten(v, depth - 1, out);
      else push(out, v);
    }
    return out;
  }
  methods(NArray.prototype, {
    flat(depth) { return flatten(this, depth === undefined ? 1 : +depth, []); },
    flatMap(fn, self) {
      const n = H.length(this), out = [];
      for (let i = 0; i < n; i++) {
        if (!(i in this)) continue;
        const v = apply(fn, self, [this[i], i, this]);
        if (isArray(v)) flatten(v, 0, out);
        else push(out, v);
      }
      return out;
    },
    join(sep) { return H.join(this, sep === undefined ? ',' : sep); },
    toString() { return isArray(this) ? this.join() : '[object Object]'; },
    toLocaleString() { return H.join(this, ','); },
    // Lists of variables are Java lists in the engines that models come from.
    size() { return this.length; },
    get(i) {
      if (!(i >= 0 && i < this.length)) throw new RangeError('the list has ' + this.length + ' items, but get asks for index ' + i);
      return this[i];
    },
    isEmpty() { return this.length === 0; },
    contains(v) { return this.includes(v); },
  });

  // ---- Symbol: without the ones that steer built-ins ----
  const NSymbol = Symbol;
  constructor('Symbol', function (description) {
    if (new.target) throw new TypeError('Symbol is called without new');
    return NSymbol(description);
  }, NSymbol.prototype);
  for (const name of ['iterator', 'hasInstance', 'toPrimitive', 'toStringTag']) {
    define(root.Symbol, name, { value: NSymbol[name], writable: false, enumerable: false, configurable: true });
  }

  // ---- Map, Set ----
  function collection(N, name, add, pair) {
    constructor(name, function (items) {
      if (!new.target) throw new TypeError(name + ' needs new');
      const c = construct(N, [], new.target);
      if (items !== undefined && items !== null) {
        const list = H.spread(items);
        for (let i = 0; i < list.length; i++) {
          if (pair) c.set(list[i][0], list[i][1]);
          else c.add(list[i]);
        }
      }
      return c;
    }, N.prototype);
  }
  collection(NMap, 'Map', 'set', true);
  collection(NSet, 'Set', 'add', false);
  collection(NWeakMap, 'WeakMap', 'set', true);
  collection(NWeakSet, 'WeakSet', 'add', false);

  // ---- RegExp ----
  const rxProto = {};
  const RegExpCtor = constructor('RegExp', function (pattern, flags) {
    const info = H.rxInfo(pattern);
    if (info) {
      if (!new.target && flags === undefined) return pattern;
      pattern = info[0];
      if (flags === undefined) flags = info[1];
    }
    return newRegExp(pattern === undefined ? '(?:)' : NString(pattern), flags === undefined ? '' : NString(flags));
  }, rxProto);
  function newRegExp(pattern, flags) {
    const o = create(rxProto);
    define(o, 'lastIndex', { value: 0, writable: true, enumerable: false, configurable: false });
    H.rxCompile(o, pattern, flags);
    return o;
  }
  function info(o) {
    const i = H.rxInfo(o);
    if (!i) throw new TypeError('this is not a RegExp');
    return i;
  }
  function index(v) {
    v = +v;
    return v > 0 ? (v < 4294967296 ? v - v % 1 : 4294967296) : 0;
  }
  function flag(name, letter) {
    define(rxProto, name, { get: describe({ get f() { return info(this)[1].indexOf(letter) >= 0; } }, 'f').get, configurable: true });
  }
  flag('global', 'g'); flag('ignoreCase', 'i'); flag('multiline', 'm'); flag('dotAll', 's'); flag('sticky', 'y');
  define(rxProto, 'source', { get: describe({ get f() { return info(this)[0]; } }, 'f').get, configurable: true });
  define(rxProto, 'flags', { get: describe({ get f() { return info(this)[1]; } }, 'f').get, configurable: true });
  function exec(re, text) {
    const flags = info(re)[1], moves = flags.indexOf('g') >= 0 || flags.indexOf('y') >= 0;
    const m = H.rxExec(re, text, moves ? index(re.lastIndex) : 0);
    if (moves) re.lastIndex = m ? m.index + m[0].length : 0;
    return m;
  }
  methods(rxProto, {
    exec(s) { return exec(this, NString(s)); },
    test(s) { return exec(this, NString(s)) !== null; },
    toString() { const i = info(this); return '/' + i[0] + '/' + i[1]; },
  });
  // all gives the matches from the start, one for a pattern without g.
  function all(re, text) {
    const flags = info(re)[1], list = [];
    const global = flags.indexOf('g') >= 0;
    let at = !global && flags.indexOf('y') >= 0 ? index(re.lastIndex) : 0;
    for (;;) {
      const m = H.rxExec(re, text, at);
      if (!m) break;
      push(list, m);
      if (!global) break;
      at = m.index + m[0].length + (m[0] === '' ? 1 : 0);
    }
    if (global) re.lastIndex = 0;
    return list;
  }
  const S = NString.prototype;
  const sIndexOf = S.indexOf, sSplit = S.split;
  // expand writes the $ forms of a replacement (ECMA-262, GetSubstitution).
  function expand(parts, template, m, text) {
    let from = 0;
    for (;;) {
      const i = apply(sIndexOf, template, ['$', from]);
      if (i < 0 || i + 1 >= template.length) break;
      const c = template[i + 1];
      let value, width = 2;
      if (c === '$') value = '$';
      else if (c === '&') value = m[0];
      else if (c === '`') value = text.slice(0, m.index);
      else if (c === "'") value = text.slice(m.index + m[0].length);
      else if (c >= '0' && c <= '9') {
        let n = +c;
        const d = template[i + 2];
        if (d >= '0' && d <= '9' && n * 10 + +d < m.length && n * 10 + +d > 0) { n = n * 10 + +d; width = 3; }
        if (n > 0 && n < m.length) value = m[n] === undefined ? '' : m[n];
      } else if (c === '<' && m.groups) {
        const end = apply(sIndexOf, template, ['>', i]);
        if (end > 0) { value = m.groups[template.slice(i + 2, end)]; width = end - i + 1; if (value === undefined) value = ''; }
      }
      if (value === undefined) { value = template.slice(i, i + 2); }
      push(parts, template.slice(from, i));
      push(parts, value);
      from = i + width;
    }
    push(parts, template.slice(from));
  }
  function substitute(text, matches, replacement) {
    const parts = [], isFunction = typeof replacement === 'function';
    if (!isFunction) replacement = NString(replacement);
    let last = 0;
    for (let i = 0; i < matches.length; i++) {
      const m = matches[i];
      push(parts, text.slice(last, m.index));
      if (isFunction) {
        const args = H.concat(m, [m.index, text]);
        if (m.groups) push(args, m.groups);
        push(parts, NString(apply(replacement, undefined, args)));
      } else expand(parts, replacement, m, text);
      last = m.index + m[0].length;
    }
    push(parts, text.slice(last));
    return H.join(parts, '');
  }
  function plain(text, needle, every) {
    const list = [];
    let at = 0;
    for (;;) {
      const i = apply(sIndexOf, text, [needle, at]);
      if (i < 0) break;
      const m = [needle];
      m.index = i;
      push(list, m);
      at = i + (needle.length || 1);
      if (!every || at > text.length) break;
    }
    return list;
  }
  function self(v, name) {
    if (v === null || v === undefined) throw new TypeError('String.prototype.' + name + ' called on ' + v);
    return NString(v);
  }
  function toRegExp(v, flags) { return H.rxInfo(v) ? v : newRegExp(v === undefined ? '(?:)' : NString(v), flags); }
  methods(S, {
    replace(what, by) {
      const text = self(this, 'replace');
      return substitute(text, H.rxInfo(what) ? all(what, text) : plain(text, NString(what), false), by);
    },
    replaceAll(what, by) {
      const text = self(this, 'replaceAll');
      if (!H.rxInfo(what)) return substitute(text, plain(text, NString(what), true), by);
      if (!what.global) throw new TypeError('replaceAll needs a RegExp with the flag g');
      return substitute(text, all(what, text), by);
    },
    match(what) {
      const text = self(this, 'match'), re = toRegExp(what, '');
      if (!re.global) return exec(re, text);
      const list = all(re, text), out = [];
      for (let i = 0; i < list.length; i++) push(out, list[i][0]);
      return out.length ? out : null;
    },
    matchAll(what) {
      const text = self(this, 'matchAll'), re = toRegExp(what, 'g');
      if (!re.global) throw new TypeError('matchAll needs a RegExp with the flag g');
      return all(re, text).values();
    },
    search(what) {
      const m = H.rxExec(toRegExp(what, ''), self(this, 'search'), 0);
      return m ? m.index : -1;
    },
    split(what, limit) {
      const text = self(this, 'split');
      if (!H.rxInfo(what)) {
        if (what !== undefined) what = NString(what);
        H.pay(text.length / 8, text.length * (what && what.length > 1 ? 32 : 64));
        return apply(sSplit, text, [what, limit === undefined ? undefined : +limit]);
      }
      const out = [], most = limit === undefined ? 4294967295 : +limit >>> 0;
      if (most === 0) return out;
      if (text === '') { if (!H.rxExec(what, text, 0)) push(out, text); return out; }
      let last = 0, at = 0;
      while (at < text.length) {
        const m = H.rxExec(what, text, at);
        if (!m || m.index >= text.length) break;
        const end = m.index + m[0].length;
        if (end === last || m[0] === '' && m.index === last) { at = m[0] === '' ? m.index + 1 : end; if (m[0] === '' && m.index === last) continue; }
        push(out, text.slice(last, m.index));
        if (out.length === most) return out;
        for (let i = 1; i < m.length; i++) { push(out, m[i]); if (out.length === most) return out; }
        last = end;
        at = m[0] === '' ? end + 1 : end;
      }
      push(out, text.slice(last));
      return out;
    },
  });

  // ---- Date: the zone is the context's, not the machine's ----
  const D = NDate.prototype, UTC = NDate.UTC;
  const getTime = D.getTime, setTime = D.setTime;
  function date(ms) { return new NDate(ms); }
  constructor('Date', function (...a) {
    if (!new.target) return H.dateText(H.now(), 'full');
    if (a.length === 0) return date(H.now());
    if (a.length === 1) {
      let v = a[0];
      if (typeof v === 'object' && v !== null) v = H.dateValue(v) ? apply(getTime, v, []) : v.valueOf();
      return date(typeof v === 'string' ? H.parseDate(v) : +v);
    }
    return date(H.toUTC(apply(UTC, NDate, H.head(a, 7))));
  }, D);
  define(root.Date, 'length', { value: 7, configurable: true });
  methods(root.Date, {
    now() { return H.now(); },
    parse(s) { return H.parseDate(NString(s)); },
    UTC(...a) { return apply(UTC, NDate, H.head(a, 7)); },
  });
  for (const part of ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds', 'Milliseconds']) {
    const get = D['getUTC' + part], put = D['setUTC' + part];
    methods(D, { ['get' + part]() { return apply(get, date(H.toLocal(apply(getTime, this, []))), []); } });
    if (put) methods(D, {
      ['set' + part](...a) {
        const local = date(H.toLocal(apply(getTime, this, [])));
        apply(put, local, H.head(a, 4));
        return apply(setTime, this, [H.toUTC(apply(getTime, local, []))]);
      },
    });
  }
  methods(D, {
    getTimezoneOffset() { const t = apply(getTime, this, []); return (t - H.toLocal(t)) / 60000; },
    toString() { return H.dateText(apply(getTime, this, []), 'full'); },
    toDateString() { return H.dateText(apply(getTime, this, []), 'date'); },
    toTimeString() { return H.dateText(apply(getTime, this, []), 'time'); },
    toLocaleString() { return H.dateText(apply(getTime, this, []), 'local'); },
    toLocaleDateString() { return H.dateText(apply(getTime, this, []), 'localDate'); },
    toLocaleTimeString() { return H.dateText(apply(getTime, this, []), 'localTime'); },
  });

  // ---- JSON ----
  const parse = JSON.parse, stringify = JSON.stringify;
  function internalize(holder, key, reviver) {
    const v = holder[key];
    if (typeof v === 'object' && v !== null) {
      const keys = Object.keys(v);
      for (let i = 0; i < keys.length; i++) {
        const e = internalize(v, keys[i], reviver);
        if (e === undefined) delete v[keys[i]];
        else define(v, keys[i], { value: e, writable: true, enumerable: true, configurable: true });
      }
    }
    return apply(reviver, holder, [key, v]);
  }
  methods(JSON, {
    parse(text, reviver) {
      const v = parse(H.jsonText(text));
      return typeof reviver === 'function' ? internalize({ '': v }, '', reviver) : v;
    },
    stringify(value, replacer, space) {
      const plain = H.jsonValue(value, replacer);
      if (plain === undefined) return undefined;
      return stringify(plain, undefined, typeof space === 'number' ? space : space === undefined || space === null ? undefined : NString(space));
    },
  });

  // ---- BpmnError ----
  const bpmnProto = create(Error.prototype);
  const BpmnErrorCtor = constructor('BpmnError', function (code, message) {
    const e = new Error(message === undefined ? code : message);
    Object.setPrototypeOf(e, bpmnProto);
    e.errorCode = code === undefined || code === null ? '' : NString(code);
    H.bpmnError(e, e.errorCode, message === undefined ? '' : NString(message));
    return e;
  }, bpmnProto);
  set(bpmnProto, 'name', 'BpmnError');

  // ---- the process ----
  for (const name of ['print', 'println']) methods(root, { [name](...a) { H.print(a); } });
  set(root, 'console', {});
  for (const name of ['log', 'info', 'warn', 'error', 'debug']) methods(root.console, { [name](...a) { H.print(a); } });
  set(root, 'execution', {});
  for (const name of H.executionMethods) methods(root.execution, { [name](...a) { return H.execution(name, a); } });
  for (const [getter, name] of H.executionFields) {
    define(root.execution, name, { get: describe({ get f() { return H.execution(getter, []); } }, "f").get, configurable: true });
  }

  // ---- numbers that no double holds ----
  const exactProto = {};
  methods(exactProto, {
    valueOf() { return H.exactNumber(this); },
    toString() { return H.exactText(this); },
    toLocaleString() { return H.exactText(this); },
    toFixed(n) { return H.exactFixed(this, n === undefined ? 0 : +n); },
    toJSON() { return H.exactNumber(this); },
  });

  // ---- hardening ----
  const holders = new NMap();
  function at(path) {
    switch (path) {
      case '': return root;
      case 'ArrayIteratorPrototype': return protoOf([].values());
      case 'StringIteratorPrototype': return protoOf(''[Symbol.iterator]());
      case 'MapIteratorPrototype': return protoOf(new NMap().keys());
      case 'SetIteratorPrototype': return protoOf(new NSet().keys());
      case 'IteratorPrototype': return protoOf(protoOf([].values()));
    }
    const dot = path.indexOf('.');
    return dot < 0 ? root[path] : root[path.slice(0, dot)][path.slice(dot + 1)];
  }
  const allowed = new NMap(), order = [];
  for (const [holder, names, guarded] of H.table) {
    if (!allowed.has(holder)) { allowed.set(holder, new NMap()); order.push([holder, at(holder)]); }
    for (const n of names) allowed.get(holder).set(n, guarded);
  }
  const wrapped = new NMap();
  const seen = new NSet();
  function freezeAll(o) {
    if (o === null || typeof o !== 'object' && typeof o !== 'function' || seen.has(o)) return;
    seen.add(o);
    freeze(o);
    freezeAll(protoOf(o));
    for (const k of ownKeys(o)) {
      const d = describe(o, k);
      freezeAll(d.value); freezeAll(d.get); freezeAll(d.set);
    }
  }
  for (const [path, holder] of order) {
    const names = allowed.get(path), found = new NSet();
    for (const k of ownKeys(holder)) {
      const name = typeof k === 'symbol' ? '@@' + NString(k.description).replace('Symbol.', '') : k;
      if (!names.has(name)) {
        if (typeof holder === 'function' && (k === 'length' || k === 'name' || k === 'prototype')) continue;
        if (path === 'String.prototype' && k === 'length' || path === 'Array.prototype' && k === 'length') continue;
        if (!delete holder[k]) throw new Error('cannot remove ' + path + '.' + name);
        continue;
      }
      found.add(name);
      const d = describe(holder, k);
      if (!names.get(name)) continue;
      let w = wrapped.get(d.value);
      if (!w) {
        w = named(H.wrap(path, name, d.value), d.value.name, d.value.length);
        wrapped.set(d.value, w);
      }
      d.value = w;
      define(holder, k, d);
    }
    for (const n of names.keys()) if (!found.has(n)) throw new Error('no built-in ' + path + '.' + n);
  }
  // A frozen prototype would keep scripts from giving their own objects a
  // toString, so these are accessors that define on the receiver.
  for (const holder of [Object.prototype, NFunction.prototype, Error.prototype, TypeError.prototype, RangeError.prototype,
    ReferenceError.prototype, SyntaxError.prototype, EvalError.prototype, URIError.prototype, bpmnProto]) {
    for (const k of ownKeys(holder)) {
      const d = describe(holder, k), value = d.value;
      if (typeof k === 'symbol' || !('value' in d) || !d.configurable) continue;
      define(holder, k, {
        configurable: true, enumerable: false,
        get: describe({ get f() { return value; } }, 'f').get,
        set: describe({
          set f(v) {
            if (this === holder) throw new TypeError('built-ins cannot be changed');
            define(this, k, { value: v, writable: true, enumerable: true, configurable: true });
          },
        }, 'f').set,
      });
    }
  }
  freezeAll(exactProto);
  for (const [, holder] of order) freezeAll(holder);
  return { exactProto: exactProto, newRegExp: newRegExp, BpmnError: BpmnErrorCtor, values: NArray.prototype.values };
})
