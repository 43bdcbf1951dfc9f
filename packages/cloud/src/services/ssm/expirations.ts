// What parameters' policies do, on the cloud's clock: parameters end, and who listens hears before, or that nothing changes.
import type { Kernel } from '../../kernel/service.ts';
import { tellOfChange, tellOfPolicy } from './changes.ts';
import { latest, type Parameter, type Parameters } from './parameters.ts';
import { dueAt, type ParameterPolicy } from './policies.ts';

export class Expirations {
  readonly #parameters: Parameters;
  readonly #kernel: Kernel;
  readonly #timers = new Map<string, () => void>();

  constructor(parameters: Parameters, kernel: Kernel) {
    this.#parameters = parameters;
    this.#kernel = kernel;
  }

  start(): void {
    for (const parameter of this.#parameters.list()) this.arm(parameter);
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** To be called whenever a parameter has a new version. */
  arm(parameter: Parameter): void {
    const { arn, region, name } = parameter;
    this.#timers.get(arn)?.();
    this.#timers.delete(arn);
    const moments = policiesOf(parameter).flatMap(({ at }) => at ?? []);
    if (moments.length === 0) return;
    const act = () => {
      this.#timers.delete(arn);
      const now = this.#parameters.list(region, name).find((each) => each.name === name);
      if (now) this.#act(now);
    };
    this.#timers.set(arn, this.#kernel.clock.at(Math.min(...moments), act));
  }

  #act(parameter: Parameter): void {
    const now = this.#kernel.clock.now();
    const version = latest(parameter);
    for (const { policy, at } of policiesOf(parameter)) {
      if (at === undefined || at > now) continue;
      tellOfPolicy(this.#kernel, parameter, policy);
      if (policy.type === 'Expiration') {
        this.#parameters.delete(parameter);
        tellOfChange(this.#kernel, parameter, 'Delete');
        return;
      }
      const policies = version.policies!.map((each) => (each === policy ? { ...each, done: true as const } : each));
      parameter.versions[parameter.versions.length - 1] = { ...version, policies };
      this.#parameters.save(parameter);
      this.#act(parameter);
      return;
    }
    this.arm(parameter);
  }
}

/** Each policy with its moment, notifications before the end. */
function policiesOf(parameter: Parameter): { policy: ParameterPolicy; at: number | undefined }[] {
  const version = latest(parameter);
  return (version.policies ?? [])
    .map((policy) => ({ policy, at: dueAt(policy, version) }))
    .toSorted((one, other) => Number(one.policy.type === 'Expiration') - Number(other.policy.type === 'Expiration'));
}
