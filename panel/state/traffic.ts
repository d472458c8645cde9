/*
 * The counters of an overview as a chart: buckets in their places, captions, and a sentence.
 * 1. A bucket that the server left out counts nothing; the span is as long as the range and ends with the bucket that runs now.
 */
import type { Overview } from '../../daemon/http/contract/api.ts';
import type { Range } from '../api/overview.ts';
import type { TrafficData } from '../elements/traffic-chart.ts';
import type { TrafficPoint } from '../elements/traffic-scale.ts';
import { clock, span as spanText } from '../text/format.ts';
import { t } from '../text/translate.ts';

const days: Readonly<Record<Range, number>> = { day: 1, week: 7, month: 30 };
const captionsOf: Readonly<Record<Range, number>> = { day: 6, week: 7, month: 6 };
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short' });
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

function nameOf(at: Date, range: Range): string {
  return range === 'day' ? clock(at) : range === 'week' ? `${weekday.format(at)} ${clock(at)}` : date.format(at);
}

function captions(start: number, length: number, range: Range): string[] {
  const count = captionsOf[range];
  return Array.from({ length: count + 1 }, (_, index) => {
    const at = new Date(start + (length * index) / count);
    return range === 'day' ? clock(at) : range === 'week' ? weekday.format(at) : date.format(at);
  });
}

function peak(points: readonly TrafficPoint[], size: (point: TrafficPoint) => number): number | undefined {
  let best: number | undefined;
  let most = 0;
  for (const [index, point] of points.entries()) {
    if (size(point) <= most) continue;
    best = index;
    most = size(point);
  }
  return best;
}

export function trafficData(overview: Overview, range: Range): TrafficData {
  const bucketMs = overview.bucketSeconds * 1000;
  const now = Date.parse(overview.now);
  const length = days[range] * 86_400_000;
  const newest = overview.buckets.at(-1);
  const phase = newest ? Date.parse(newest.startAt) % bucketMs : 0;
  const last = now - ((now - phase) % bucketMs);
  const past = Math.max(1, Math.round(length / bucketMs));
  const start = last - (past - 1) * bucketMs;
  const points: TrafficPoint[] = Array.from({ length: past }, () => ({ delivered: 0, refused: 0, sent: 0 }));
  for (const bucket of overview.buckets) {
    const index = Math.round((Date.parse(bucket.startAt) - start) / bucketMs);
    if (index >= 0 && index < past) points[index] = { delivered: bucket.delivered, refused: bucket.turnedAway, sent: bucket.sent };
  }
  const name = (index: number): string => nameOf(new Date(start + index * bucketMs), range);
  const most = peak(points, (point) => point.delivered + point.refused);
  const sentMost = peak(points, (point) => point.sent);
  const sentence =
    most === undefined && sentMost === undefined
      ? t('overview.chart.quiet')
      : t('overview.chart', {
          bucket: spanText(bucketMs),
          span: t(`overview.h.${range}`).toLowerCase(),
          most: most === undefined ? '' : t('overview.chart.most', { time: name(most) }),
          sentMost: sentMost === undefined ? '' : t('overview.chart.sentMost', { time: name(sentMost) }),
        });
  return {
    points,
    name,
    sentence,
    captions: captions(start, past * bucketMs, range),
  };
}
