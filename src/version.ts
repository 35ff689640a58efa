// Ferrow's own version, from package.json, which stands beside src/ and dist/ alike.
import { readFileSync } from 'node:fs';

export const VERSION: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version;
