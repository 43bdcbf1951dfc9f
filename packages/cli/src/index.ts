// What the `plinth` command does, for programs: the same functions that the commands call.
export { deploySystem, prepareRoots, reportSystem, type HealthReport, type SystemReport } from './deploy.ts';
export { selectSystem, type Selection } from './systems.ts';
export { openTarget, type Target } from './target.ts';
