// Makes a run's views when everything that they read stands, and tells which the target took.
import type { TargetEngine } from '../dialect/dialect.ts';
import type { NotCarried } from '../types/schema.ts';
import type { PlannedView } from './plan-views.ts';

export interface MadeViews {
  /** Display names. */
  readonly made: readonly string[];
  readonly notCarried: readonly NotCarried[];
}

export async function makeViews(
  engine: TargetEngine,
  views: readonly PlannedView[],
  replace: boolean,
): Promise<MadeViews> {
  const left = await engine.makeViews(
    views.map((view) => view.load),
    replace,
  );
  const namesOf = ({ displayName, load: { name } }: PlannedView) => [
    displayName,
    name.name,
    `${name.schema}.${name.name}`,
  ];
  const shown = left.map((each) => {
    const view = views.find((planned) => namesOf(planned).includes(each.name));
    return { ...each, table: null, name: view?.displayName ?? each.name };
  });
  const gone = new Set(shown.filter((each) => each.instead === undefined).map((each) => each.name));
  const made = views.map((view) => view.displayName).filter((name) => !gone.has(name));
  return { made, notCarried: shown };
}
