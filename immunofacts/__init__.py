"""The command `immunofacts`: serving of `app`, and filling of `seed`, in one."""
