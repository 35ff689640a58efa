// SQL that means the same to every engine: what a dialect's parser understood of an expression or a query, and
// what another dialect's printer writes in its own words. Plain JSON: it crosses threads and enters plans.

/** Filled in by src/sql. */
export type Expression = { readonly node: string };
export type Query = { readonly node: 'query' };
