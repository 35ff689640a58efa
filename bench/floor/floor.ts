// The floor of a pair: the time that the two engines need alone, with nothing in between. Pure arithmetic.

/** A source's bulk export to nowhere, or a target's bulk import of prepared data. */
export interface FloorPart {
  readonly wallSeconds: number;
  /** Of the engine, whichever process it runs in; null where it can't be seen. */
  readonly cpuSeconds: number | null;
}

export interface Floor {
  readonly seconds: number;
  /** Which of the three it is. */
  readonly because: 'export' | 'import' | 'cpu';
}

/** No tool can be faster than the slower engine, nor than the CPU that both need, spread over all cores. */
export function floorOf(exported: FloorPart, imported: FloorPart, cores: number): Floor {
  const cpuSeconds = ((exported.cpuSeconds ?? 0) + (imported.cpuSeconds ?? 0)) / cores;
  const floors: Floor[] = [
    { seconds: exported.wallSeconds, because: 'export' },
    { seconds: imported.wallSeconds, because: 'import' },
    { seconds: cpuSeconds, because: 'cpu' },
  ];
  return floors.reduce((highest, floor) => (floor.seconds > highest.seconds ? floor : highest));
}
