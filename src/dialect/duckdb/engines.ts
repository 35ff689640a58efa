// What needs the driver: loaded only by the thread that opens a database.
export { openSource } from './source.ts';
export { openTarget } from './target.ts';
