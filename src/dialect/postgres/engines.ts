// What needs the driver: loaded only by the thread that opens a database.
export { openSource } from './source-engine.ts';
export { openTarget } from './target-engine.ts';
