import SyrinxABI
@main enum Main { static func main() { print(SYX_OK, MemoryLayout<syx_event>.size) } }
