import { BODY_PARTS } from 'body21';
import type { BodyPart, PersonInfo } from 'body21';
import { create } from './dom.ts';
import { words } from './words/words.ts';

/** As they are listed, two in a row: what there are two of beside one another, as one sees someone's front. */
const ORDER: readonly BodyPart[] = [
  'top_head',
  'nose',
  ...BODY_PARTS.filter((part) => part.startsWith('right_')).flatMap((right): BodyPart[] => {
    const left = BODY_PARTS.find((part) => part === right.replace('right_', 'left_'));
    const pair = left ? [right, left] : [right];
    return right === 'right_shoulder' ? ['neck', ...pair] : pair;
  }),
];

/**
 * Someone's keypoints and their scores: one is chosen by the pointer or, where the list has the focus, by the
 * arrow keys.
 */
export class PartList {
  readonly element: HTMLUListElement;
  readonly #options = new Map<BodyPart, { item: HTMLLIElement; score: HTMLSpanElement }>();
  readonly #point: (part: BodyPart | undefined) => void;
  #marked: BodyPart | undefined;

  /**
   * @param id of the list, for its options to have their own
   * @param point is told which part is pointed at, or that none is any more
   */
  constructor(id: string, label: string, point: (part: BodyPart | undefined) => void) {
    this.#point = point;
    for (const part of ORDER) {
      const score = create('span', { className: 'score' });
      const item = create(
        'li',
        { id: `${id}-${part}`, role: 'option', className: part },
        words.parts[part],
        score,
      );
      item.ariaSelected = 'false';
      item.addEventListener('pointerenter', () => point(part));
      item.addEventListener('pointerleave', () => point(undefined));
      this.#options.set(part, { item, score });
    }
    this.element = create(
      'ul',
      { className: 'parts', role: 'listbox', tabIndex: 0, hidden: true, ariaLabel: label },
      ...[...this.#options.values()].map(({ item }) => item),
    );
    this.element.addEventListener('focus', () => point(this.#marked ?? ORDER[0]));
    this.element.addEventListener('blur', () => point(undefined));
    this.element.addEventListener('keydown', (event) => this.#key(event));
  }

  /** Writes the scores; those up to the threshold are dimmed. */
  fill(parts: PersonInfo['body_parts'], threshold: number): void {
    for (const [part, { item, score }] of this.#options) {
      score.textContent = parts[part].score.toFixed(2);
      item.classList.toggle('is-unsure', parts[part].score <= threshold);
    }
  }

  /** Shows which part is pointed at, wherever that is. */
  mark(part: BodyPart | undefined): void {
    if (part === this.#marked) return;
    this.#marked = part;
    for (const [each, { item }] of this.#options) item.ariaSelected = String(each === part);
    const chosen = part && this.#options.get(part)?.item;
    if (chosen) this.element.setAttribute('aria-activedescendant', chosen.id);
    else this.element.removeAttribute('aria-activedescendant');
  }

  #key(event: KeyboardEvent): void {
    const at = this.#marked ? ORDER.indexOf(this.#marked) : -1;
    const last = ORDER.length - 1;
    const targets: Record<string, number> = {
      ArrowDown: Math.min(at + 1, last),
      ArrowUp: Math.max(at - 1, 0),
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.#point(ORDER[target]);
  }
}
