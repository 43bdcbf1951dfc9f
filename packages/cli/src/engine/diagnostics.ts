// Terraform's own diagnostics: what failed, where, and what a user can do about the common ones.

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail: string;
  /** The resource it speaks of. */
  readonly address?: string;
}

/** A state lock, as Terraform describes it in its error. */
export interface LockInfo {
  readonly id: string;
  readonly path: string;
  readonly operation: string;
  readonly who: string;
  readonly created: string;
}

/** The engine failed; carries its diagnostics as it gave them. */
export class EngineError extends Error {
  readonly code = 'engine-failed';
  readonly operation: string;
  readonly exitCode: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly lock: LockInfo | undefined;

  constructor(operation: string, exitCode: number, diagnostics: readonly Diagnostic[], output: string) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    super(errors.map(describe).join('\n\n') || output.trim() || `terraform ${operation} exited with ${exitCode}`);
    this.name = 'EngineError';
    this.operation = operation;
    this.exitCode = exitCode;
    this.diagnostics = errors;
    this.lock = readLock(this.message);
  }
}

const describe = ({ summary, detail, address }: Diagnostic): string =>
  [address ? `${summary}\n  with ${address}` : summary, detail].filter((part) => part !== '').join('\n\n');

// Error acquiring the state lock … Lock Info:\n  ID: …\n  Path: …
function readLock(text: string): LockInfo | undefined {
  if (!text.includes('Lock Info:')) return undefined;
  const field = (name: string) => new RegExp(`^\\s*${name}:\\s+(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  const id = field('ID');
  if (id === '') return undefined;
  return { id, path: field('Path'), operation: field('Operation'), who: field('Who'), created: field('Created') };
}
