/* cli/version.h - the release's own number. */
#ifndef CROFT_CLI_VERSION_H
#define CROFT_CLI_VERSION_H

#ifndef CROFT_VERSION
#define CROFT_VERSION "0.1.0"
#endif

#endif
