import { pass, startHttpProxy, type HttpProxy } from '../http-proxy.ts';
import { answerWithFault, FAULT_SORTS, type FaultSort } from './sorts.ts';
import { pickOne, seededNumber, shapeOf } from './seeded.ts';

export interface SeededFaultOptions {
  /** Tells the faults of this proxy from those of another one of the same run. */
  readonly name: string;
  readonly seed: number;
  /** The part of the requests that meet a fault, from 0 to 1. */
  readonly rate: number;
}

export interface SeededFaultProxy extends HttpProxy {
  /** How many requests came through, and how many met which fault. */
  readonly met: { requests: number; readonly faults: Map<FaultSort, number> };
}

/**
 * A proxy whose seed alone decides which requests meet which fault: the nth request of a shape (shapeOf) meets the same
 * one in every run, in whatever order requests of several shapes come.
 */
export async function startSeededFaultProxy(
  targetUrl: string,
  { name, seed, rate }: SeededFaultOptions,
): Promise<SeededFaultProxy> {
  const seen = new Map<string, number>();
  const met: SeededFaultProxy['met'] = { requests: 0, faults: new Map() };
  const proxy = await startHttpProxy(targetUrl, async (request, response, forward) => {
    const shape = shapeOf(request.method, request.target);
    const count = (seen.get(shape) ?? 0) + 1;
    seen.set(shape, count);
    met.requests += 1;
    const number = (use: string): number => seededNumber(use, name, seed, shape, count);
    if (number('whether') >= rate) return pass(await forward(), response);
    const chosen = pickOne(FAULT_SORTS, number('sort'));
    const sort = await answerWithFault(chosen, {
      target: request.target,
      response,
      forward,
      number: number('place'),
      seed: `${name} ${seed} ${shape} ${count}`,
    });
    met.faults.set(sort, (met.faults.get(sort) ?? 0) + 1);
  });
  return { ...proxy, met };
}
