import { parseSync } from '@swc/core';
import { findLateHandlers } from './late-handlers.mjs';

/**
 * Rules that no linter of ours has, each with the words that teach it. One walk over the syntax tree serves them all.
 * @typedef {import('./late-handlers.mjs').Node} Node
 */
const maximumStatements = 50;
const platformReaders = ['agent/os/choose-os.ts', 'src-main/shells/choose-desktop.ts'];
/** Attributes that a person reads or hears. */
const spokenAttributes = new Set([
  'alt',
  'aria-description',
  'aria-label',
  'aria-placeholder',
  'aria-roledescription',
  'aria-valuetext',
  'description',
  'label',
  'legend',
  'message',
  'placeholder',
  'subtitle',
  'summary',
  'title',
]);
const functions = new Set([
  'ArrowFunctionExpression',
  'FunctionDeclaration',
  'FunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'Constructor',
  'MethodProperty',
  'GetterProperty',
  'SetterProperty',
]);
const typeDeclarations = new Set(['TsTypeAliasDeclaration', 'TsInterfaceDeclaration', 'BlockStatement', 'EmptyStatement']);
const hasLetters = /\p{L}{2}/u;
const isProse = (/** @type {string} */ text) => /\p{L}{2,}[,:;.…]?\s+\p{L}{2,}/u.test(text) || /\p{Script=Cyrillic}{2}/u.test(text);

/** @param {unknown} value @returns {value is Node} */
const isNode = (value) => typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** Swc keeps some nodes inside plain wrappers (`{ spread, expression }`), which are looked through. @param {unknown} value @returns {Node[]} */
function nodesIn(value) {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (isNode(value)) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(nodesIn) : [];
}

/** @param {Node} node */
const childrenOf = (node) => Object.values(node).flatMap(nodesIn);

/** @param {Node} node */
const isFunction = (node) => functions.has(node.type);

/** Statements of a function, those inside its blocks too, those of functions within it not. @param {Node} node @returns {number} */
function countStatements(node) {
  return childrenOf(node)
    .filter((child) => !isFunction(child))
    .reduce(
      (sum, child) =>
        sum + (/(Statement|Declaration)$/u.test(child.type) && !typeDeclarations.has(child.type) ? 1 : 0) + countStatements(child),
      0,
    );
}

/** @param {Node} node */
const isProcessPlatform = (node) =>
  node.type === 'MemberExpression' &&
  node.object.type === 'Identifier' &&
  node.object.value === 'process' &&
  node.property.value === 'platform';

/** Who decides which way a job goes, and who shows a job; everybody else asks `isGoingBack`. */
const directionReaders = /^(src-main\/(engine|model\/jobs|shells\/cli|testing)\/|src-renderer\/features\/jobs\/|contract\/api\/jobs\.ts$)/u;

/** The name of what is compared: `type` of `type`, `job.type` and `job?.type`. @param {Node} node @returns {string | undefined} */
function lastName(node) {
  if (node.type === 'OptionalChainingExpression') return lastName(node.base);
  return node.type === 'MemberExpression' ? node.property.value : node.type === 'Identifier' ? node.value : undefined;
}

/** Whether it compares something of that name with one of these words. @param {Node} node @param {string} name @param {readonly string[]} words */
function comparesWith(node, name, words) {
  if (node.type !== 'BinaryExpression' || !/^[!=]==?$/u.test(node.operator)) return false;
  return [
    [node.left, node.right],
    [node.right, node.left],
  ].some(([one, other]) => lastName(one) === name && other.type === 'StringLiteral' && words.includes(other.value));
}

/** What a literal says, or undefined when it is none. @param {Node} node @returns {string | undefined} */
function literalText(node) {
  if (node.type === 'StringLiteral' || node.type === 'JSXText') return node.value;
  if (node.type === 'TemplateLiteral') return node.quasis.map((/** @type {Node} */ part) => part.cooked ?? '').join(' ');
  if (node.type === 'JSXExpressionContainer') return literalText(node.expression);
  if (node.type === 'ConditionalExpression') return literalText(node.consequent) ?? literalText(node.alternate);
  return undefined;
}

/** @param {Node} node */
const isNewError = (node) => node.type === 'NewExpression' && node.callee.type === 'Identifier' && node.callee.value.endsWith('Error');

/**
 * @param {string} path from the root, with slashes
 * @param {string} text
 * @returns {string[]} one sentence a problem, beginning with path:line
 */
export function findSourceProblems(path, text) {
  const bytes = Buffer.from(text);
  const isTest = /\.test\.tsx?$/u.test(path);
  const speaksThroughWords = !isTest && path.startsWith('src-main/shells/cli/');
  // In a test the runner itself takes a failure that nobody has, and the test is red.
  const outlivesFailures = !isTest && /^(kit|src-main|agent|src-renderer)\//u.test(path);
  // The gallery shows every part with made-up content; it is served in development only.
  const drawsScreens = !isTest && path.startsWith('src-renderer/') && !path.startsWith('src-renderer/app/gallery/');
  /** @type {string[]} */
  const problems = [];
  /** @param {Node} node @param {string} sentence */
  const refuse = (node, sentence) => {
    const line = bytes
      .subarray(0, (node.span?.start ?? 1) - 1)
      .toString()
      .split('\n').length;
    problems.push(`${path}:${line}: ${sentence}`);
  };
  /** @param {string} said */
  const quote = (said) => JSON.stringify(said.trim().slice(0, 40));

  /** @param {Node} node */
  function visit(node) {
    if (outlivesFailures && (isFunction(node) || node.type === 'Module'))
      for (const late of findLateHandlers(node, { childrenOf, isFunction })) refuse(late.node, late.sentence);
    if (isFunction(node)) {
      const count = countStatements(node);
      if (count > maximumStatements)
        refuse(
          node,
          `this function has ${count} statements, ${maximumStatements} are the limit. Give a step of it a name and a function of its own.`,
        );
    }
    if (
      isProcessPlatform(node) &&
      !isTest &&
      !path.startsWith('scripts/') &&
      !path.startsWith('bench/') &&
      !platformReaders.includes(path)
    ) {
      refuse(
        node,
        `process.platform is read in ${platformReaders.join(', ')} only. Put the difference behind the interface of agent/os/host-os.ts, and choose once.`,
      );
    }
    if (!isTest && /^(src-main|src-renderer|contract\/(api|catalogue))\//u.test(path)) visitJobs(node);
    if (drawsScreens) visitScreen(node);
    if (speaksThroughWords && (node.type === 'StringLiteral' || node.type === 'TemplateLiteral')) {
      const said = literalText(node) ?? '';
      if (isProse(said))
        refuse(node, `${quote(said)} is a sentence for people. Put it into words/en and words/ru, and say it with translate().`);
    }
    // A bug's message is read in a log, by us.
    if (isNewError(node)) return;
    for (const child of childrenOf(node)) visit(child);
  }

  /** @param {Node} node */
  function visitJobs(node) {
    if (comparesWith(node, 'type', ['create']))
      refuse(
        node,
        'a type of job is asked for by name. What it is for and about says its row in contract/catalogue/jobs.ts: aimsAt(type, aim, subject).',
      );
    if (comparesWith(node, 'direction', ['forward', 'back']) && !directionReaders.test(path))
      refuse(node, 'the way that a job goes is compared here. Ask isGoingBack(job) of contract/api/jobs.ts.');
  }

  /** @param {Node} node */
  function visitScreen(node) {
    if (node.type === 'JSXElement' || node.type === 'JSXFragment') {
      for (const child of node.children) {
        const said = literalText(child) ?? '';
        if (hasLetters.test(said))
          refuse(child, `${quote(said)} is literal text in JSX. Put it into words/en and words/ru, and say it with translate().`);
      }
    }
    if (node.type === 'JSXAttribute' && isNode(node.value) && spokenAttributes.has(node.name.value)) {
      const said = literalText(node.value) ?? '';
      if (hasLetters.test(said))
        refuse(
          node,
          `${node.name.value}=${quote(said)} is literal text that people read or hear. Put it into words/, and say it with translate().`,
        );
    }
  }

  visit(
    /** @type {Node} */ (/** @type {unknown} */ (parseSync(text, { syntax: 'typescript', tsx: path.endsWith('.tsx'), target: 'es2024' }))),
  );
  return problems;
}

/**
 * Versions are exact, and the lock file names no place that it was downloaded from.
 * @param {{ dependencies?: Record<string, string>, devDependencies?: Record<string, string>, optionalDependencies?: Record<string, string> }} manifest
 * @param {string} lockText
 */
export function findPackageProblems(manifest, lockText) {
  const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies });
  const loose = wanted.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/u.test(version));
  const problems = loose.map(
    ([name, version]) => `package.json: ${name} is "${version}". Pin one exact version; the newest is often not the one that works.`,
  );
  if (/"resolved":\s*"https?:/u.test(lockText))
    problems.push('package-lock.json: it names download addresses. .npmrc leaves them out: remove the file\'s "resolved" lines.');
  return problems;
}
