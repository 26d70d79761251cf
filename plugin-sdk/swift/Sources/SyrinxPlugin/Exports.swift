// SPDX-License-Identifier: Apache-2.0
// An entry function names `syx_module`, so one import has to be enough for it.
@_exported public import SyrinxABI
