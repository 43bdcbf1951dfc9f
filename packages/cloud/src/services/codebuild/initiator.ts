// Who started a build, as its record names them.
import type { Principal } from '../../kernel/identity/principal.ts';

export const initiatorOf = (principal: Principal): string =>
  principal.kind === 'session'
    ? `${principal.roleName}/${principal.sessionName}`
    : principal.kind === 'user'
      ? principal.name
      : 'root';
