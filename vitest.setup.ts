// What a test waits for comes late on a busy machine; vi.waitFor by itself gives up after a second.
import { vi } from 'vitest';

const { waitFor } = vi;

vi.waitFor = (check, options = { timeout: 30_000, interval: 20 }) => waitFor(check, options);
