import { BODY_PARTS } from 'body21';
import type { BodyAnalysisResult, BodyPart } from 'body21';
import { colorsOf } from './colors.ts';
import { byId, create } from './dom.ts';
import { PartList } from './part-list.ts';
import { scrollWithin } from './sheet.ts';
import { earlyPeople, judge, selectedPhoto } from './state.ts';
import type { JudgedPerson, Photo, State, Store } from './state.ts';
import { words } from './words/words.ts';

/**
 * Everyone in the photo on show; pointing at one highlights them on the picture, a click keeps it so and lists
 * their keypoints.
 */
export class PersonList {
  readonly #store: Store;
  readonly #list = byId('persons', HTMLOListElement);
  readonly #empty = byId('no-persons', HTMLElement);
  readonly #count = byId('person-count', HTMLElement);
  #rows: Row[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  connect(): void {
    const store = this.#store;
    store.watch(
      (state) => [selectedPhoto(state), state.thresholds, earlyPeople(state)],
      (photo, thresholds, early) => this.#show(photo, thresholds, early),
    );
    store.watch(
      ({ pointed, pinned, part }) => [pointed, pinned, part],
      () => this.#mark(),
    );
    document.addEventListener('keydown', (event) => {
      // On an enlarged picture it shows all of that again.
      if (event.key === 'Escape' && !event.defaultPrevented) store.update({ pinned: undefined });
    });
  }

  #show(
    photo: Photo | undefined,
    thresholds: State['thresholds'],
    early: BodyAnalysisResult | undefined,
  ): void {
    const judged = judge(photo?.answer?.result, thresholds);
    if (judged.length !== this.#rows.length) {
      this.#rows = judged.map(({ index }) => this.#row(index));
      this.#list.replaceChildren(...this.#rows.map(({ item }) => item));
    }
    const colors = colorsOf(judged);
    for (const [index, row] of this.#rows.entries()) {
      const person = judged[index];
      if (!person) continue;
      fill(row, person, thresholds.keypointScore);
      row.swatch.style.backgroundColor = colors[index] ?? '';
    }
    const valid = judged.filter((person) => person.valid).length;
    const known = judge(early, thresholds).filter((person) => person.valid).length;
    const soFar = known > 0 ? words.photo.soFar(known) : '';
    this.#count.textContent = judged.length > 0 ? words.photo.validOf(valid, judged.length) : soFar;
    this.#empty.hidden = judged.length > 0;
    this.#empty.textContent = emptyText(photo);
    this.#mark();
  }

  #mark(): void {
    const { pointed, pinned, part } = this.#store.state;
    const highlight = pointed ?? pinned;
    let pinnedNow: HTMLElement | undefined;
    for (const [index, { item, button, parts }] of this.#rows.entries()) {
      const isPinned = index === pinned;
      if (isPinned && button.ariaPressed !== 'true') pinnedNow = item;
      button.ariaPressed = String(isPinned);
      button.classList.toggle('is-pointed', index === highlight);
      parts.element.hidden = !isPinned;
      parts.mark(index === highlight ? part : undefined);
    }
    // Once there is room for the keypoints.
    if (pinnedNow) scrollWithin(this.#list, pinnedNow);
  }

  #row(index: number): Row {
    const swatch = create('span', { className: 'swatch' });
    const facts = create('span', { className: 'facts' });
    const verdict = create('span', { className: 'verdict' });
    const button = create(
      'button',
      { type: 'button', className: 'person' },
      swatch,
      create('span', { className: 'who' }, words.person(index + 1)),
      facts,
      verdict,
    );
    const point = (part?: BodyPart) => this.#store.update({ pointed: index, part });
    const leave = () => this.#store.update({ pointed: undefined, part: undefined });
    button.addEventListener('pointerenter', () => point());
    button.addEventListener('pointerleave', leave);
    button.addEventListener('focus', () => point());
    button.addEventListener('blur', leave);
    button.addEventListener('click', () => {
      this.#store.update({ pinned: this.#store.state.pinned === index ? undefined : index });
    });
    const parts = new PartList(`person-${index}`, words.photo.keypointsOf(index + 1), (part) => {
      if (part) point(part);
      else leave();
    });
    return { item: create('li', {}, button, parts.element), button, swatch, facts, verdict, parts };
  }
}

interface Row {
  item: HTMLLIElement;
  button: HTMLButtonElement;
  swatch: HTMLSpanElement;
  facts: HTMLSpanElement;
  verdict: HTMLSpanElement;
  parts: PartList;
}

function fill(
  { button, facts, verdict, parts }: Row,
  { person, valid }: JudgedPerson,
  keypointScore: number,
): void {
  const sure = BODY_PARTS.filter((part) => person.body_parts[part].score > keypointScore).length;
  facts.textContent = words.photo.facts(person.location.score.toFixed(2), sure, BODY_PARTS.length);
  verdict.textContent = valid ? words.photo.valid : words.photo.filteredOut;
  button.classList.toggle('is-valid', valid);
  parts.fill(person.body_parts, keypointScore);
}

function emptyText(photo: Photo | undefined): string {
  if (!photo) return words.photo.none;
  if (photo.answer) return words.photo.nobody;
  if (photo.status === 'failed') return words.photo.failedHere;
  if (photo.status === 'cancelled') return words.photo.notAnalysed;
  return words.photo.looking;
}
