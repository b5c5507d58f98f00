/** An event of Chromium's trace format; times in microseconds. */
interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
}

/**
 * What the thread that set the marks did between them.
 * @param trace of the categories `toplevel` and `blink.user_timing`
 * @param mark the marks' name
 * @param skip how many of them come too early to count
 * @returns its tasks' time between two marks, and the longest task of all, in milliseconds
 */
export function mainThread(
  trace: Buffer,
  mark: string,
  skip: number,
): { perFrame: number[]; longest: number } {
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(trace.toString('utf8'));
  const marks = traceEvents.filter(({ name }) => name === mark).toSorted((a, b) => a.ts - b.ts);
  const [first] = marks;
  if (!first) throw new Error('The trace has no marks.');
  const tasks = traceEvents
    .filter(
      ({ ph, pid, tid, name }) =>
        ph === 'X' && pid === first.pid && tid === first.tid && name.endsWith('RunTask'),
    )
    .toSorted((a, b) => a.ts - b.ts);
  const perFrame: number[] = [];
  const counted = marks.slice(skip);
  let longest = 0;
  let next = 0;
  for (const [index, { ts: end }] of counted.entries()) {
    const begin = counted[index - 1]?.ts;
    let spent = 0;
    for (let task = tasks[next]; task && task.ts < end; task = tasks[++next]) {
      spent += task.dur ?? 0;
      if (begin !== undefined) longest = Math.max(longest, task.dur ?? 0);
    }
    if (begin !== undefined) perFrame.push(spent / 1000);
  }
  return { perFrame, longest: longest / 1000 };
}
