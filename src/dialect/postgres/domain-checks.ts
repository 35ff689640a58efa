// What domains demand, as checks of the tables whose columns have them: other engines have no domains. Main thread.
import { loadGrammar, renameColumns, understandExpression } from '../../sql/sql.ts';
import type { Expression } from '../../types/expression.ts';
import type {
  CheckSchema,
  ColumnSchema,
  DatabaseSchema,
  OtherObject,
  TableSchema,
  UserType,
} from '../../types/schema.ts';
import { postgresWords } from './sql-words.ts';

type Domain = Extract<UserType, { kind: 'domain' }>;

/** Of a source alone: in a PostgreSQL target the domains themselves stand. */
export async function withDomainChecks(schema: DatabaseSchema): Promise<DatabaseSchema> {
  const tables = schema.tables.filter((table) =>
    table.columns.some((column) => domainsOf(column).length > 0),
  );
  if (tables.length === 0) return schema;
  await loadGrammar();
  const checked = new Map(tables.map((table) => [table, tableChecks(table)]));
  return {
    ...schema,
    tables: schema.tables.map((table) => {
      const checks = checked.get(table) ?? [];
      return checks.length === 0 ? table : { ...table, checks: [...table.checks, ...checks] };
    }),
    others: [...schema.others, ...tables.flatMap(domainDefaults)],
  };
}

/** The domain that is the column's type, and those that it stands on. */
function domainsOf({ nativeType, needs }: ColumnSchema): Domain[] {
  const domains = (needs ?? []).filter((type): type is Domain => type.kind === 'domain');
  const found: Domain[] = [];
  let type = nativeType;
  for (let next = domains.find((each) => isNamed(each, type)); next && !found.includes(next); ) {
    found.push(next);
    type = next.nativeType;
    next = domains.find((each) => isNamed(each, type));
  }
  return found;
}

/** As format_type writes it: quoted where it must be. */
function isNamed({ schema, name }: Domain, type: string): boolean {
  const quoted = (each: string) => [each, `"${each.replaceAll('"', '""')}"`];
  return quoted(schema ?? 'public').some((first) => quoted(name).some((last) => type === `${first}.${last}`));
}

function tableChecks(table: TableSchema): CheckSchema[] {
  return table.columns.flatMap((column) =>
    domainsOf(column).flatMap((domain): CheckSchema[] => {
      const checks = domain.checks.map((check, at): CheckSchema => {
        const name = `${table.name}_${column.name}_${check.name ?? `${domain.name}_${at + 1}`}`;
        // In a domain's check, VALUE is the column.
        const known = understandExpression(
          check.expression,
          postgresWords,
          [{ ...column, name: 'value' }],
          'condition',
        );
        const meaning = known.meaning && renameColumns(known.meaning, () => column.name);
        return {
          name,
          expression: check.expression,
          ofDomain: true,
          ...known,
          ...(meaning ? { meaning } : {}),
        };
      });
      if (domain.nullable) return checks;
      const meaning: Expression = {
        node: 'is null',
        of: { node: 'column', relation: null, name: column.name, type: postgresWords.columnType(column) },
        negated: true,
      };
      const name = `${table.name}_${column.name}_not_null`;
      return [...checks, { name, expression: 'VALUE IS NOT NULL', ofDomain: true, meaning }];
    }),
  );
}

/** A default that comes with the type has no place in the column's own. */
function domainDefaults(table: TableSchema): OtherObject[] {
  return table.columns.flatMap((column) => {
    const domain =
      column.default === null ? domainsOf(column).find((each) => each.defaultSql !== null) : undefined;
    if (!domain) return [];
    const definition = `DEFAULT ${domain.defaultSql}`;
    const { schema, name } = domain;
    return [{ schema, name, kind: 'type' as const, table: table.name, definition, carriedToSame: true }];
  });
}
