# /// attack
# tries = "has IPython rewrite the tests, by their text and by their syntax tree"
# shows = "rewrites"
# ///

# %% answer s_mean
import ast

shell = get_ipython()


class Nothing(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)


shell.ast_transformers.append(Nothing())
shell.input_transformers_cleanup.append(lambda lines: [l for l in lines if "assert" not in l])
shell.input_transformers_post.append(lambda lines: [l for l in lines if "assert" not in l])
print("rewrites")


def mean(values):
    return 0
