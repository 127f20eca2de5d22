import { SettingsError } from '@hookstream/service';

/**
 * Runs a command to its end. Exit codes: what it resolves with; 1 when it fails, with one line that says why; 2 for
 * settings that cannot be used.
 */
export async function runCommand(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = error instanceof SettingsError ? 2 : 1;
  }
}
