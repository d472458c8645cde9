/*
 * The arithmetic of the traffic chart: buckets into bars, bars into a scale.
 * 1. Arriving mail (delivered, then turned away) stands above the line, sent mail below; both share one scale.
 * 2. At most two grid lines above and one below, at round numbers.
 */
export interface TrafficPoint {
  readonly delivered: number;
  readonly refused: number;
  readonly sent: number;
}

export interface TrafficScale {
  /** Height in px of one message. */
  readonly perMessage: number;
  readonly baseline: number;
  readonly step: number;
  readonly linesAbove: readonly number[];
  readonly linesBelow: readonly number[];
}

/** The largest of 1, 2, 4, 5 × 10ⁿ that is not above n (at least 1). */
export function roundDown(n: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, n)));
  const lead = Math.max(1, n) / power;
  return (lead >= 5 ? 5 : lead >= 4 ? 4 : lead >= 2 ? 2 : 1) * power;
}

/** Adds neighbours together so that `size` points become one. */
export function merged(points: readonly TrafficPoint[], size: number): TrafficPoint[] {
  const out: TrafficPoint[] = [];
  for (let index = 0; index < points.length; index += size) {
    const group = points.slice(index, index + size);
    out.push(
      group.reduce((sum, p) => ({ delivered: sum.delivered + p.delivered, refused: sum.refused + p.refused, sent: sum.sent + p.sent }), {
        delivered: 0,
        refused: 0,
        sent: 0,
      }),
    );
  }
  return out;
}

/** Fits the points into `height`, leaving a few pixels above the tallest bar. */
export function trafficScale(points: readonly TrafficPoint[], height: number): TrafficScale {
  const above = Math.max(4, ...points.map((p) => p.delivered + p.refused));
  const below = Math.max(above * 0.12, ...points.map((p) => p.sent));
  const room = height - 10;
  const perMessage = room / (above + below);
  const step = roundDown(above / 2);
  const linesAbove = [step, step * 2].filter((n) => n <= above * 1.02);
  return { perMessage, baseline: 10 + above * perMessage, step, linesAbove, linesBelow: below >= step ? [step] : [] };
}
