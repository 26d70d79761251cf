@_exported public import SyrinxABI
