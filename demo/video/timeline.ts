import { personColor } from 'body21';
import { byId, create } from '../dom.ts';
import { clock } from '../format.ts';
import type { Appearance, Span } from './answers.ts';
import { words } from '../words/words.ts';

/** So many of someone's times are read out one by one. */
const SPOKEN_SPANS = 3;

/** Someone's line: a button that leads to where they are. */
interface Lane {
  item: HTMLLIElement;
  button: HTMLButtonElement;
  track: HTMLElement;
  /** What the bars were made of. */
  key: string;
  spans: readonly Span[];
}

/** Who is in the video when: a lane a person, in the colour of their skeleton. */
export class Timeline {
  /** Told where to go, in milliseconds. */
  onSeek: ((time: number) => void) | undefined;
  /** Told whose lane is pointed at, or has the focus; `undefined` where none is. */
  onPoint: ((id: number | undefined) => void) | undefined;
  readonly #root = byId('timeline', HTMLElement);
  readonly #list = byId('lanes', HTMLOListElement);
  readonly #nobody = byId('nobody', HTMLElement);
  readonly #lanes = new Map<number, Lane>();
  #duration = 1;
  #time = 0;

  /**
   * Shows who is there when.
   * @param duration of the video, in milliseconds
   * @param nobody what to say where nobody is there
   */
  show(people: readonly Appearance[], duration: number, nobody: string): void {
    this.#duration = Math.max(1, duration);
    const gone = new Set(this.#lanes.keys());
    for (const person of people) {
      gone.delete(person.id);
      this.#showLane(person);
    }
    for (const id of gone) {
      this.#lanes.get(id)?.item.remove();
      this.#lanes.delete(id);
    }
    this.#nobody.hidden = people.length > 0;
    this.#nobody.textContent = nobody;
  }

  /** Moves the line that says where the video is. */
  moveTo(time: number): void {
    this.#time = time;
    this.#root.style.setProperty('--at', String(Math.min(1, time / this.#duration)));
  }

  #showLane({ id, spans, frames }: Appearance): void {
    const lane = this.#lanes.get(id) ?? this.#addLane(id);
    const key = `${this.#duration} ${spans.map(({ from, to }) => `${from} ${to}`).join()}`;
    lane.spans = spans;
    if (lane.key === key) return;
    lane.key = key;
    lane.track.replaceChildren(
      ...spans.map(({ from, to }) => {
        const bar = create('span', { className: 'span' });
        bar.style.left = `${(100 * from) / this.#duration}%`;
        bar.style.width = `${(100 * (Math.min(to, this.#duration) - from)) / this.#duration}%`;
        return bar;
      }),
    );
    lane.button.ariaLabel = words.video.lane(id, inWords(spans), frames);
  }

  #addLane(id: number): Lane {
    const track = create('span', { className: 'lane-track' });
    const swatch = create('span', { className: 'lane-swatch' });
    const word = create('span', { className: 'lane-word' }, words.video.laneWord);
    const name = create('span', { className: 'lane-name' }, swatch, create('span', {}, word, String(id)));
    const button = create('button', { type: 'button', className: 'lane' }, name, track);
    button.style.setProperty('--person', personColor(id - 1));
    const item = create('li', {}, button);
    const lane: Lane = { item, button, track, key: '', spans: [] };
    button.addEventListener('click', (event) => this.#go(lane, event));
    for (const start of ['pointerenter', 'focus']) button.addEventListener(start, () => this.onPoint?.(id));
    for (const end of ['pointerleave', 'blur']) button.addEventListener(end, () => this.onPoint?.(undefined));
    this.#lanes.set(id, lane);
    const after = [...this.#lanes].filter(([other]) => other > id).toSorted(([a], [b]) => a - b)[0];
    this.#list.insertBefore(item, after?.[1].item ?? null);
    return lane;
  }

  /** A click on the lane's line goes there; any other, and the keyboard, to the next time that they come. */
  #go({ track, spans }: Lane, { detail, clientX, clientY }: MouseEvent): void {
    const { left, right, top, bottom, width } = track.getBoundingClientRect();
    if (detail > 0 && clientX >= left && clientX <= right && clientY >= top && clientY <= bottom) {
      this.onSeek?.((this.#duration * (clientX - left)) / width);
      return;
    }
    const next = spans.find(({ from }) => from > this.#time + 1) ?? spans[0];
    if (next) this.onSeek?.(next.from + 1);
  }
}

function inWords(spans: readonly Span[]): string {
  const spoken = spans
    .slice(0, SPOKEN_SPANS)
    .map(({ from, to }) => words.video.fromTo(clock(from), clock(to)));
  const more = spans.length - spoken.length;
  if (more > 0) spoken.push(words.video.moreTimes(more));
  return words.video.listed(spoken);
}
