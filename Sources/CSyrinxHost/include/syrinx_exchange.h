/* SPDX-License-Identifier: Apache-2.0
 *
 * Two folders that change places: whoever looks sees the one or the other, whole. */
#ifndef SYRINX_EXCHANGE_H
#define SYRINX_EXCHANGE_H

/* Exchanges the two names, which lie on one file system. 0 = ok, else errno. */
int syrinx_exchange(const char *one, const char *other);
/* Gives `from` a name that nobody has yet. 0 = ok, else errno (EEXIST). */
int syrinx_rename_new(const char *from, const char *to);
#endif
