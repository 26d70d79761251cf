async def run(folder, checks): pass
