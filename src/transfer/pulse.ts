// The gauges of a run, about once a second.
import type { ByteGate } from '../stream/byte-gate.ts';
import type { Crossings } from '../threads/crossing-share.ts';
import type { TransferRequest } from './request.ts';

/** Until the interval is cleared; does not keep the process alive. */
export function startPulse({ events }: TransferRequest, gate: ByteGate, pool: Crossings): NodeJS.Timeout {
  const beat = () => {
    events.emit('pulse', {
      bytesInFlight: gate.usedBytes,
      queueDepth: { decode: pool.queued },
      workerUtilizationRatio: pool.utilizationRatio,
      backpressureSeconds: { read: gate.waitedSeconds },
    });
  };
  return setInterval(beat, 1000).unref();
}
