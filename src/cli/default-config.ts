/** Read when no `--config` is given; it need not exist. */
export const DEFAULT_CONFIG = '/etc/yardmaster/config.yaml'
