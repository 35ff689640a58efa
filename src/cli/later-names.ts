// Names of options and commands that come later. Pure.

/** Names that the full product will have and this version lacks: they get a better answer than "unknown". */
export const LATER_FLAGS: ReadonlySet<string> = new Set([
  '--strategy',
  '--watermark',
  '--on-conflict',
  '--lookback',
  '--deletes',
  '--on-error',
  '--rejects',
  '--max-rejects',
  '--max-differences',
  '--retries',
]);

export const LATER_COMMANDS: ReadonlySet<string> = new Set([
  'sync',
  'verify',
  'repair',
  'resume',
  'rollback',
  'retry-rejects',
  'runs',
]);
