/**
 * Promises that begin before an `await` and get their handler only after it. Should one fail meanwhile, nobody has taken that failure, and Node
 * ends the process (https://nodejs.org/api/process.html#event-unhandledrejection).
 *
 * Only the syntax is read, no types: what is awaited, or asked for `then`, `catch` or `finally`, is taken for a promise. One that is handed to another
 * function before the pause is that function's to handle.
 * @typedef {{ type: string, span?: { start: number, end: number }, [key: string]: any }} Node
 */
const collectors = new Set(['all', 'race', 'any', 'allSettled']);
const wrappers = new Set([
  'ParenthesisExpression',
  'TsAsExpression',
  'TsSatisfiesExpression',
  'TsNonNullExpression',
  'OptionalChainingExpression',
]);

const startOf = (/** @type {Node} */ node) => node.span?.start ?? 0;
const endOf = (/** @type {Node} */ node) => node.span?.end ?? 0;
/** A name in its scope: swc numbers the scopes. */
const keyOf = (/** @type {Node} */ identifier) => `${identifier.value}#${identifier.ctxt}`;

/** @param {Node} node @returns {Node} */
const unwrapped = (node) => (wrappers.has(node.type) ? unwrapped(node.base ?? node.expression) : node);

/** `object.method(…)`; undefined for any other node. @param {Node} node */
function methodCall(node) {
  if (node.type !== 'CallExpression') return undefined;
  const callee = unwrapped(node.callee);
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return undefined;
  const object = unwrapped(callee.object);
  const isOfPromise = object.type === 'Identifier' && object.value === 'Promise';
  return { object, name: callee.property.value, count: node.arguments.length, isOfPromise };
}

/** @param {{ name: string, count: number }} method */
const takesFailures = ({ name, count }) => name === 'catch' || (name === 'then' && count > 1);

/** May this value be a promise that fails and has nobody behind it? @param {Node | null | undefined} value @returns {boolean} */
function mayFail(value) {
  if (value === null || value === undefined) return false;
  const node = unwrapped(value);
  switch (node.type) {
    case 'CallExpression': {
      const method = methodCall(node);
      if (method === undefined) return true;
      if (method.isOfPromise) return !['resolve', 'allSettled'].includes(method.name);
      if (takesFailures(method)) return false;
      return method.name === 'then' || method.name === 'finally' ? mayFail(method.object) : true;
    }
    case 'NewExpression': {
      // without `reject` in its hands it cannot fail later
      const [executor] = node.callee.value === 'Promise' ? (node.arguments ?? []) : [];
      return executor !== undefined && (executor.expression.params?.length ?? 2) > 1;
    }
    case 'ConditionalExpression':
      return mayFail(node.consequent) || mayFail(node.alternate);
    case 'BinaryExpression':
      return mayFail(node.left) || mayFail(node.right);
    case 'ArrayExpression':
      return node.elements.some((/** @type {{ expression: Node } | null | undefined} */ element) => mayFail(element?.expression));
    default:
      return false;
  }
}

/**
 * What becomes of a value: `around` are the nodes that hold it, the nearest first.
 * @param {Node[]} around @param {boolean} [isPromise] @returns {{ isHandled: boolean, isPromise: boolean }}
 */
function fateOf(around, isPromise = false) {
  const [parent, ...further] = around;
  if (parent === undefined) return { isHandled: false, isPromise };
  if (parent.type === 'AwaitExpression') return { isHandled: true, isPromise: true };
  if (wrappers.has(parent.type) || (parent.type === 'ArrayExpression' && further[0] !== undefined && methodCall(further[0])?.isOfPromise))
    return fateOf(further, isPromise);
  if (parent.type === 'MemberExpression') {
    const index = further.findIndex(({ type }) => !wrappers.has(type));
    const call = further[index];
    const method = call === undefined ? undefined : methodCall(call);
    if (
      call === undefined ||
      method === undefined ||
      unwrapped(call.callee) !== parent ||
      !['then', 'catch', 'finally'].includes(method.name)
    )
      return { isHandled: false, isPromise };
    return takesFailures(method) ? { isHandled: true, isPromise: true } : fateOf(further.slice(index + 1), true);
  }
  const method = methodCall(parent);
  if (method?.isOfPromise === true && collectors.has(method.name))
    return method.name === 'allSettled' ? { isHandled: true, isPromise: true } : fateOf(further, true);
  // handed to somebody else
  return { isHandled: parent.type === 'CallExpression' || parent.type === 'NewExpression', isPromise };
}

/**
 * The late handlers of one function, or of a file's top level; functions within it are looked at on their own.
 * @param {Node} whole
 * @param {{ childrenOf: (node: Node) => Node[], isFunction: (node: Node) => boolean }} tree
 * @returns {{ node: Node, sentence: string }[]}
 */
export function findLateHandlers(whole, { childrenOf, isFunction }) {
  /** @type {number[]} */
  const pauses = [];
  /** @type {{ key: string, name: string, at: number, node: Node }[]} */
  const births = [];
  /** @type {{ key: string, at: number, isHandled: boolean, isPromise: boolean }[]} */
  const uses = [];
  /** @type {{ node: Node, sentence: string }[]} */
  const found = [];

  const hasPause = (/** @type {Node} */ node) => !isFunction(node) && (node.type === 'AwaitExpression' || childrenOf(node).some(hasPause));
  const bear = (/** @type {Node} */ name, /** @type {Node | null | undefined} */ value) => {
    if (name.type === 'Identifier' && value != null && mayFail(value))
      births.push({ key: keyOf(name), name: name.value, at: endOf(value), node: name });
  };

  /** @param {Node} node @param {Node[]} around */
  function visit(node, around) {
    if (isFunction(node)) return;
    if (node.type === 'AwaitExpression') pauses.push(endOf(node));
    if (node.type === 'ForOfStatement' && (node.isAwait ?? node.await)) pauses.push(endOf(node.right));
    if (node.type === 'VariableDeclarator') bear(node.id, node.init);
    if (node.type === 'AssignmentExpression') bear(node.left, node.right);
    if (node.type === 'Identifier') uses.push({ key: keyOf(node), at: startOf(node), ...fateOf(around) });
    if (node.type === 'ForOfStatement') visitLoop(node);
    if (node.type === 'ArrayExpression') visitList(node, around);
    for (const child of childrenOf(node)) visit(child, [node, ...around]);
  }

  /** All were begun together; while the first is waited for, nobody stands behind the others. @param {Node} loop */
  function visitLoop(loop) {
    const [declared] = loop.left.declarations ?? [];
    if (declared?.id.type !== 'Identifier') return;
    const awaits = (/** @type {Node} */ node) =>
      !isFunction(node) &&
      ((node.type === 'AwaitExpression' && node.argument.type === 'Identifier' && keyOf(node.argument) === keyOf(declared.id)) ||
        childrenOf(node).some(awaits));
    if (awaits(loop.body))
      found.push({
        node: loop,
        sentence: `\`${declared.id.value}\` has begun with all the others and is awaited after them: one that fails meanwhile has no handler. Await them together: Promise.all, or Promise.allSettled and then look.`,
      });
  }

  /** @param {Node} list @param {Node[]} around */
  function visitList(list, around) {
    if (around[0] === undefined || !isOfPromise(around[0])) return;
    const elements = list.elements.map((/** @type {{ expression: Node } | null | undefined} */ element) => element?.expression);
    const first = elements.findIndex((/** @type {Node | undefined} */ element) => mayFail(element));
    if (first >= 0 && elements.slice(first + 1).some((/** @type {Node | undefined} */ later) => later !== undefined && hasPause(later)))
      found.push({
        node: list,
        sentence:
          'one promise of this list has begun while another element is still awaited: if it fails meanwhile it has no handler. Await first, then begin them together.',
      });
  }
  const isOfPromise = (/** @type {Node} */ node) => methodCall(node)?.isOfPromise === true;

  for (const parameter of whole.params ?? []) {
    const pattern = parameter.pat ?? parameter;
    const type = pattern.typeAnnotation?.typeAnnotation?.typeName?.value;
    if (pattern.type === 'Identifier' && (type === 'Promise' || type === 'PromiseLike'))
      births.push({ key: keyOf(pattern), name: pattern.value, at: endOf(pattern), node: pattern });
  }
  for (const child of childrenOf(whole)) visit(child, []);

  for (const { key, name, at, node } of births) {
    const later = uses.filter((use) => use.key === key && use.at >= at);
    const handled = later.find(({ isHandled }) => isHandled);
    if (handled === undefined || !later.some(({ isPromise }) => isPromise)) continue;
    if (births.some((other) => other.key === key && other.at > at && other.at < handled.at)) continue;
    if (!pauses.some((pause) => pause > at && pause <= handled.at)) continue;
    found.push({
      node,
      sentence: `\`${name}\` begins here and gets its handler only after another await: if it fails meanwhile, nobody has taken the failure and the process may end. Await both with Promise.all, or give it a handler where it begins.`,
    });
  }
  return found;
}
