import type { BodyAnalysisResult } from '../schema/result.ts';
import { personColors } from './colors.ts';
import { fittedPlan } from './look-fitted.ts';
import type { Surface } from './marks.ts';
import { notes } from './notes.ts';
import type { DrawOptions } from './style.ts';
import type { Plan, Subject } from './subject.ts';
import { uniformMarks } from './look-uniform.ts';

/** What others than the highlighted are multiplied by. */
const FAINT = 0.25;

/** Everything to be painted. */
export function planPersons(result: BodyAnalysisResult, options: DrawOptions, surface: Surface): Plan {
  const { highlight } = options;
  const colors = personColors(result.person_info, options.colors);
  const subjects = result.person_info.map((person, index): Subject => {
    const isFaint = highlight !== undefined && highlight !== index;
    return { person, index, color: colors[index] ?? '#fff', opacity: isFaint ? FAINT : 1 };
  });
  const plan =
    options.look === 'uniform'
      ? uniformPlan(subjects, options, surface)
      : fittedPlan(subjects, options, surface);
  if (!options.notes) return plan;
  return { ...plan, names: [...notes(subjects, options, surface, plan.names), ...plan.names] };
}

function uniformPlan(subjects: readonly Subject[], options: DrawOptions, surface: Surface): Plan {
  const persons = subjects.map((subject) => ({
    index: subject.index,
    person: subject.person,
    marks: uniformMarks(subject, options, surface),
  }));
  return { persons, names: [] };
}
