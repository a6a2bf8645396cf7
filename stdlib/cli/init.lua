local cli = {}
function cli.main(args) io.stdout:write(#args, "\n") return 0 end
return cli
