// What goes wrong in a user's hands: each error says what happened, why, and what to do about it.

export class UserError extends Error {
  readonly code: string;
  /** The command or step that gets the user on. */
  readonly fix: string;

  constructor(code: string, message: string, fix: string) {
    super(message);
    this.name = 'UserError';
    this.code = code;
    this.fix = fix;
  }
}

/** The cloud went away in the middle of an answer that goes on. */
export const cloudEnded = () =>
  new UserError('cloud-ended', 'The cloud ended while it was followed.', 'Start it again: plinth cloud start');

export const unknownCommand = (words: string, near: readonly string[]) =>
  new UserError(
    'unknown-command',
    `There is no command '${words}'.`,
    near.length > 0 ? `Did you mean: ${near.map((name) => `plinth ${name}`).join(', ')}?` : 'See plinth --help.',
  );

export const badUsage = (message: string, name: string) =>
  new UserError('usage', message, `See plinth ${name} --help.`);

export const whichSystem = (known: readonly string[]) =>
  new UserError('usage', 'Which system?', `Name one of them: ${known.join(', ')}.`);

export const unknownSystem = (name: string, known: readonly string[]) =>
  new UserError('unknown-system', `There is no system '${name}'.`, `The systems are: ${known.join(', ')}.`);

export const unknownStack = (system: string, name: string, known: readonly string[]) =>
  new UserError('unknown-stack', `System ${system} has no stack '${name}'.`, `Its stacks are: ${known.join(', ')}.`);

export const unknownEnvironment = (system: string, name: string, known: readonly string[]) =>
  new UserError(
    'unknown-environment',
    `System ${system} has no environment '${name}'.`,
    `Its environments are: ${known.join(', ')}.`,
  );

export const unknownVariable = (system: string, name: string, known: readonly string[]) =>
  new UserError(
    'unknown-variable',
    `System ${system} has no variable '${name}'.`,
    known.length > 0 ? `Its variables are: ${known.join(', ')}.` : 'It declares none.',
  );

export const deletionProtected = (what: { readonly system: string; readonly environment: string }, found: Protected) =>
  new UserError(
    'deletion-protected',
    `${what.system} (${what.environment}) has tables that are protected from deletion: ${found.tables.join(', ')}. Nothing was destroyed.`,
    found.variable === undefined
      ? 'Take the protection away in the stack and deploy that; then destroy again.'
      : `Take the protection away, then destroy again: plinth up ${what.system} --env ${what.environment} --var ${found.variable}=false`,
  );

export interface Protected {
  /** Their names. */
  readonly tables: readonly string[];
  /** The Terraform variable that decides, where there is one. */
  readonly variable?: string | undefined;
}

export const badVariable = (text: string) =>
  new UserError('bad-variable', `'${text}' is no variable.`, `Write --var name=value, or --var 'name=["a", "b"]'.`);

export const noSmokeTests = (system: string) =>
  new UserError(
    'no-smoke-tests',
    `System ${system} has no smoke tests.`,
    `Declare them as \`smoke\` in its system.ts; plinth status ${system} asks its health checks.`,
  );

export const unknownSecret = (system: string, name: string, known: readonly string[]) =>
  new UserError(
    'unknown-secret',
    `System ${system} has no secret '${name}'.`,
    known.length > 0 ? `Its secrets are: ${known.join(', ')}.` : 'It has none.',
  );

const list = (units: readonly { readonly name: string }[]): string => units.map(({ name }) => name).join(', ');

export const unknownUnit = (system: string, name: string, units: readonly { readonly name: string }[]) =>
  new UserError(
    'unknown-unit',
    `System ${system} has nothing called '${name}' that writes a log.`,
    units.length > 0 ? `These do: ${list(units)}.` : 'Nothing of it does.',
  );

export const unknownFunction = (system: string, name: string, functions: readonly { readonly name: string }[]) =>
  new UserError(
    'unknown-function',
    `System ${system} has no function '${name}'.`,
    functions.length > 0 ? `Its functions are: ${list(functions)}.` : 'It has none.',
  );

export const badEvent = (file: string, reason: string) =>
  new UserError(
    'bad-event',
    `${file === '-' ? 'What came on standard input' : file} is no event: ${reason}`,
    'Give a file with JSON: --event event.json, or --event - to read standard input.',
  );

export const rotationFailed = (secret: string) =>
  new UserError(
    'rotation-failed',
    `${secret} was not rotated: its new version is still pending.`,
    "The rotation function's log says why; Secrets Manager tries again by itself.",
  );

export const rotationRefused = (secret: string, reason: string) =>
  new UserError(
    'rotation-refused',
    `${secret} was not rotated: ${reason}`,
    "The rotation function's log says why an earlier rotation did not end; give that one up with: " +
      `plinth aws secretsmanager cancel-rotate-secret --secret-id ${secret}, then plinth up.`,
  );

export const badTarget = (target: string) =>
  new UserError(
    'bad-target',
    `'${target}' is no target.`,
    'Use --target local, --target aws, or --target with an endpoint URL such as http://127.0.0.1:4566.',
  );

export const noCredentials = (target: string, reason: string) =>
  new UserError(
    'no-credentials',
    `${target} did not say whose credentials these are: ${reason}`,
    'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and see that the endpoint answers.',
  );

export const engineNotFetched = (reason: string) =>
  new UserError(
    'no-engine',
    `Neither terraform nor tofu is on PATH, and OpenTofu could not be fetched: ${reason}.`,
    'Install Terraform 1.5 or OpenTofu 1.6 or newer, or name one with PLINTH_ENGINE=/path/to/it.',
  );

export const oldEngine = (path: string, version: string) =>
  new UserError(
    'old-engine',
    `${path} is version ${version}; Plinth needs Terraform 1.5 or OpenTofu 1.6.`,
    'Install a newer one, or name one with PLINTH_ENGINE=/path/to/it.',
  );

export const brokenEngine = (path: string, reason: string) =>
  new UserError(
    'broken-engine',
    `${path} does not run: ${reason}.`,
    'Name another terraform or tofu with PLINTH_ENGINE=/path/to/it.',
  );

export const badPort = (value: string) =>
  new UserError(
    'bad-port',
    `PLINTH_PORT is '${value}', which is no port.`,
    'Choose one between 1 and 65535, such as 4567.',
  );

export const portTaken = (port: number) =>
  new UserError(
    'port-taken',
    `Port ${port} is taken by something that is not this project's cloud.`,
    'Stop it, or choose another port: PLINTH_PORT=4567 plinth up',
  );

export const otherCloud = (port: number) =>
  new UserError(
    'port-taken',
    `On port ${port} there is a Plinth cloud already, of another project or PLINTH_DIR.`,
    `Stop it there with plinth down, end it with: kill $(lsof -t -i tcp:${port} -s tcp:listen), or choose another port: PLINTH_PORT=4567 plinth up`,
  );

export const cloudFailed = (reason: string, logFile: string) =>
  new UserError('cloud-failed', `The cloud did not start: ${reason}`, `Its log is ${logFile}.`);

export const storeNewer = (reason: string) =>
  new UserError(
    'store-newer',
    reason,
    'Use the Plinth that wrote it, or begin with an empty cloud: plinth cloud reset',
  );

export const diskFull = (folder: string) =>
  new UserError(
    'disk-full',
    `There is no space left for the cloud in ${folder}. Nothing of it is lost.`,
    'Free some space, then start it again: plinth cloud start. plinth doctor says how much there is.',
  );

export const storeInUse = (folder: string) =>
  new UserError(
    'store-in-use',
    `Another process works with the cloud in ${folder}, and does not answer as that cloud.`,
    `It may have lost its ${folder}/process.json. Find it and end it: lsof -t ${folder}/cloud.sqlite`,
  );

export const storeDamaged = (reason: string, folder: string) =>
  new UserError(
    'store-damaged',
    `${reason} Nothing in ${folder} was changed.`,
    'plinth cloud snapshot load <name>, plinth cloud reset, or put the file back; plinth doctor looks at all of them.',
  );

export const cloudNotRunning = () =>
  new UserError('cloud-not-running', 'The cloud is not running.', 'Start it: plinth cloud start');

export const notDeployed = (system: string, environment: string) =>
  new UserError('not-deployed', `${system} (${environment}) is not deployed here.`, `Deploy it: plinth up ${system}`);

export const noSavedPlan = (system: string, stack: string) =>
  new UserError('no-saved-plan', `There is no saved plan for ${system}/${stack}.`, `Make one: plinth plan ${system}`);

export const needsConfirmation = (what: string, fix: string) =>
  new UserError('needs-confirmation', `${what}. That needs a yes, and there is no terminal to ask on.`, fix);

export const declined = (what: string) =>
  new UserError('declined', `${what}: not confirmed, nothing was changed.`, 'Answer yes to go on.');

export const interrupted = (what: string, fix: string) => new UserError('interrupted', `${what} was interrupted.`, fix);

export const unhealthy = (system: string, problems: readonly string[]) =>
  new UserError(
    'unhealthy',
    `${system} is deployed, but not healthy:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    `Look closer: plinth status ${system}, plinth drift ${system}, plinth cloud logs`,
  );

export const noAwsCli = () =>
  new UserError(
    'no-aws-cli',
    'The AWS CLI is not on PATH.',
    'Install it: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html',
  );

export const checkFailed = (name: string, words: string) =>
  new UserError(
    'check-failed',
    `The check of ${name} found something (see above).`,
    `Look again with: npx ${words}\nMany things mend themselves: npm run fix`,
  );

export const unknownPrincipal = (name: string, users: readonly string[], roles: readonly string[]) =>
  new UserError(
    'unknown-principal',
    `There is no principal '${name}' in the cloud.`,
    [
      'Say root, anonymous, user/<name>, role/<name>, an ARN (of an open session, too), or a service such as lambda.amazonaws.com.',
      `Users: ${users.join(', ') || 'none'}. Roles: ${roles.join(', ') || 'none'}.`,
    ].join('\n'),
  );

export const badResource = (text: string) =>
  new UserError(
    'bad-resource',
    `'${text}' is no resource.`,
    'Write its ARN, such as arn:aws:s3:::reports, or * for a call that names none.',
  );

export const badContext = (text: string) =>
  new UserError('bad-context', `'${text}' is no condition key with its value.`, 'Write it as --context key=value.');

export const badAction = (text: string) =>
  new UserError('bad-action', `'${text}' is no action.`, 'Write a service and an action, such as s3:GetObject.');

export const unknownMetric = (system: string, name: string, metrics: readonly string[]) =>
  new UserError(
    'unknown-metric',
    `System ${system} has not measured '${name}' in the last two weeks.`,
    metrics.length > 0 ? `It has measured: ${metrics.toSorted().join(', ')}.` : 'It has measured nothing yet.',
  );

export const badStatistic = (name: string, why: string) =>
  new UserError('bad-statistic', `'${name}' cannot be asked for: ${why}`, 'Ask for Sum, Average, p99 or tm90, say.');

export const badDuration = (text: string) =>
  new UserError('bad-duration', `'${text}' is no duration.`, 'Write one like 31d, 12h or 1h30m.');

export const badMoment = (text: string) =>
  new UserError('bad-time', `'${text}' is no time.`, 'Write one like 2027-01-01 or 2027-01-01T09:00Z.');

export const lateMoment = () =>
  new UserError('bad-time', 'AWS’s times end with the year 9999.', 'Choose an earlier time.');

export const pastMoment = (text: string, now: string) =>
  new UserError(
    'past-time',
    `In the cloud it is ${now} already, after ${text}, and its time never goes back.`,
    'Choose a later time. To begin anew with the machine’s time: plinth cloud reset',
  );

export const notState = (file: string) =>
  new UserError('not-a-state', `${file} is no Terraform state.`, 'Choose a file that plinth state backup has written.');

export const foreignState = (file: string, stack: string) =>
  new UserError(
    'foreign-state',
    `${file} is the state of something else: its lineage is not that of ${stack}.`,
    'Choose a backup of this stack and target.',
  );

export const badSnapshotName = (name: string) =>
  new UserError(
    'snapshot-name',
    `'${name}' is no name for a snapshot.`,
    'Use up to 64 letters, digits, dots, dashes and underscores, a letter or digit first.',
  );

export const snapshotExists = (name: string) =>
  new UserError('snapshot-exists', `There is a snapshot ${name} already.`, 'Choose another name.');

export const unknownSnapshot = (name: string, known: readonly string[]) =>
  new UserError(
    'unknown-snapshot',
    `There is no snapshot '${name}'.`,
    known.length > 0 ? `The snapshots are: ${known.join(', ')}.` : 'Make one: plinth cloud snapshot save <name>',
  );

export const snapshotDamaged = (name: string, folder: string, problems: readonly string[]) =>
  new UserError(
    'snapshot-damaged',
    `The snapshot ${name} is damaged: ${problems.join('; ')}. The cloud is as it was.`,
    `Load another one: plinth cloud snapshot list. To forget this one: rm -r ${folder}`,
  );

export const cloudDamaged = (folder: string, problems: readonly string[]) =>
  new UserError(
    'cloud-damaged',
    `The cloud in ${folder} is damaged: ${problems.join('; ')}. No snapshot was made.`,
    'Bring back an earlier snapshot (plinth cloud snapshot list), or begin with an empty cloud: plinth cloud reset',
  );

export const copyFailed = (what: string, error: Error) =>
  new UserError('copy-failed', `${what}: ${error.message}`, 'Free some space if there is none, then try again.');

export const noCloudToSave = (port: number) =>
  new UserError('no-cloud', `There is no cloud on port ${port} yet.`, 'Start one: plinth cloud start');

export const badShell = (shell: string) =>
  new UserError('bad-shell', `There is no completion for '${shell}'.`, 'Use bash or zsh.');

export const unknownMail = (number: string, newest: number | undefined) =>
  new UserError(
    'unknown-mail',
    `There is no mail ${number} in the inbox.`,
    newest === undefined ? 'There is none yet.' : `The newest is ${newest}: plinth inbox`,
  );

export const nothingToConfirm = (address: string, waiting: ReadonlySet<string>) =>
  new UserError(
    'nothing-to-confirm',
    address === 'all' ? 'No subscription waits for an answer.' : `No subscription waits for an answer of ${address}.`,
    waiting.size > 0 ? `Those that wait: ${[...waiting].join(', ')}.` : 'See what came in: plinth inbox',
  );

export const confirmationFailed = (address: string, reason: string) =>
  new UserError(
    'confirmation-failed',
    `The subscription of ${address} was not confirmed: ${reason}`,
    'Subscribe again, so that a new mail comes.',
  );
