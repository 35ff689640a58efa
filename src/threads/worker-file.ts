// Finds worker entries beside this file, in a checkout (.ts, types stripped) and in the package (.js) alike.

/** Path of a worker entry in this folder, given without its ending: `crossing.worker`. */
export function workerFile(name: string): string {
  const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  return new URL(`./${name}${ending}`, import.meta.url).href;
}
