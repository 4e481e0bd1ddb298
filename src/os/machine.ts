/** What the figures were measured on: recorded with every run. */
export type Machine = {
  readonly cpuModel: string
  readonly cores: number
  readonly memoryBytes: number
  readonly kernel: string
  readonly architecture: string
  readonly nodeVersion: string
  readonly v8Version: string
  readonly fileSystem: FileSystem
}

/** Where a directory lies. */
export type FileSystem = {
  /** Like `ext4`, `tmpfs`, `overlay`. */
  readonly type: string
  readonly device: string
  readonly mountPoint: string
  readonly freeBytes: number
}

/** `directory` must exist. */
export declare function describeMachine(directory: string): Promise<Machine>
