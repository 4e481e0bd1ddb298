import { RaftmarkError } from '../base/errors.ts'
import { writeFileAtomic } from '../os/files.ts'

/** Writes a document whole, or leaves what was there. Rejects with `directory-unusable`. */
export async function saveDocument(path: string, text: string): Promise<void> {
  try {
    await writeFileAtomic(path, text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new RaftmarkError('directory-unusable', `cannot write ${path}: ${reason}`, {
      nextStep: 'give another file with -o FILE',
      place: { file: path },
      cause,
    })
  }
}
