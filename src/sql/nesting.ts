// Where an engine's operators bind otherwise than PostgreSQL's, an unbracketed text may nest otherwise than the grammar
// says. Walks the tree: wherever an operator stands unbracketed under another, the engine must nest the two so as well.
import { contentOf, type Node, namesOf, type Parsed } from './grammar.ts';
import { notKnown } from './not-known.ts';
import type { SqlWords } from './words.ts';

interface Operator {
  readonly name: string;
  /** Depth of brackets at the operator. */
  readonly depth: number;
  readonly children: readonly { readonly node: Node; readonly isLeft: boolean }[];
}

/** @throws NotKnown where the engine may read the text otherwise */
export function checkNesting(parsed: Parsed<unknown>, words: SqlWords): void {
  const { depthAt } = parsed.prepared;
  if (words.binding === null || depthAt === null) return;
  const levels = words.binding.levels;
  const depth = (location: unknown) => depthAt(Number(location ?? 0) - parsed.offset);

  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const part of value) visit(part);
    else if (typeof value === 'object' && value !== null) {
      const operator = operatorOf(value as Node, depth);
      if (operator) for (const child of operator.children) compare(operator, child.node, child.isLeft);
      for (const part of Object.values(value)) visit(part);
    }
  };

  const compare = (parent: Operator, node: Node, isLeft: boolean): void => {
    const child = operatorOf(node, depth);
    if (!child || child.depth > parent.depth) return;
    const [outer, inner] = [levels[parent.name], levels[child.name]];
    if (outer === undefined || inner === undefined) {
      notKnown(`the operator ${outer === undefined ? parent.name : child.name}`);
    }
    if (inner > outer || (inner === outer && isLeft)) return;
    notKnown(`${parent.name} and ${child.name} without brackets, which ${words.title} nests in its own way`);
  };

  visit(parsed.tree);
}

function operatorOf(node: Node, depth: (location: unknown) => number): Operator | null {
  const [kind, content] = contentOf(node) ?? [];
  if (content === undefined || content === null) return null;
  const make = (name: string, left: unknown, ...right: unknown[]): Operator => ({
    name,
    depth: depth(content['location']),
    children: [
      ...(left ? [{ node: left as Node, isLeft: true }] : []),
      ...right.filter(Boolean).map((one) => ({ node: one as Node, isLeft: false })),
    ],
  });
  switch (kind) {
    case 'A_Expr': {
      const name = namesOf(content['name'] as Node[]).pop() ?? '';
      const [left, right] = [content['lexpr'], content['rexpr']];
      const form = content['kind'];
      if (form === 'AEXPR_OP' && !left) return make(`prefix ${name}`, null, right);
      if (form === 'AEXPR_OP') return make(name.replace('!', ''), left, right);
      if (form === 'AEXPR_NULLIF') return null;
      const items = (right as { List?: { items?: Node[] } } | undefined)?.List?.items;
      if (form === 'AEXPR_BETWEEN' || form === 'AEXPR_NOT_BETWEEN') return make('is', left, ...(items ?? []));
      return make('is', left, form === 'AEXPR_IN' ? null : right);
    }
    case 'BoolExpr': {
      const [first, ...rest] = content['args'] as Node[];
      if (content['boolop'] === 'NOT_EXPR') return make('not', null, first);
      return make(content['boolop'] === 'OR_EXPR' ? 'or' : 'and', first, ...rest);
    }
    case 'NullTest':
    case 'BooleanTest':
      return make('is', content['arg']);
    case 'CollateClause':
      return make('collate', content['arg']);
    case 'SubLink':
      return content['testexpr'] ? make('is', content['testexpr']) : null;
    default:
      return null;
  }
}
