// The end of a run for the tables that had to wait for it. Engine thread.
import type { NotCarried } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import type { Appends } from './appends.ts';
import { type Finishing, finishTables } from './finish.ts';
import { finishUnlogged } from './finish-unlogged.ts';
import { finishTurns, stillStaged } from './waiting.ts';

export async function finishWaiting(
  finishing: Finishing,
  loads: readonly TableLoad[],
  appends: Appends,
): Promise<NotCarried[]> {
  const { link } = finishing;
  const staged = await stillStaged(link, loads);
  const waiting = staged.filter((load) => load.mode !== 'append');
  const turns = await finishTurns(link, waiting);
  const lost: NotCarried[] = [];
  const finish = async () => {
    for (const turn of turns) lost.push(...(await finishTables(finishing, turn)));
  };
  if (turns.length > 0) await finishUnlogged(link, finish);
  const late = staged.filter((load) => load.mode === 'append');
  lost.push(...(await appends.finishWaiting(link, late)));
  return lost;
}
